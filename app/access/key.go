package access

// writing are the keys that change a participant's record. After consent was withdrawn
// none of them is allowed; the database refuses it too (migrations/agency/0013_read_only.sql). Consent
// itself, and ending what protects or waits, stay possible.
var writing = map[Key]bool{
	ParticipantEdit: true, ParticipantEditContact: true, ParticipantTransfer: true,
	MeetingCreate: true, MeetingEdit: true, CommunicationLog: true, AlertCreate: true, SreFlag: true,
	AttendanceCheckIn: true, GroupManageMembers: true, CustomFieldEdit: true, IntakeEdit: true,
	NoteCreate: true, NoteEdit: true, PlanEdit: true, EventCreate: true, CircleCreate: true, CircleEdit: true, MessageLeave: true,
}

// Writes says whether the key changes a participant's record.
func (k Key) Writes() bool { return writing[k] }

// clinical are the keys to what is told and measured in a program, which other programs
// learn only if the participant and the agency share it.
var clinical = map[Key]bool{
	ParticipantViewClinical: true, ParticipantViewMedications: true, NoteView: true, NoteCreate: true, PlanView: true, PlanEdit: true,
	MetricViewIndividual: true, EventView: true, CommunicationView: true, GroupViewDetail: true, IntakeView: true,
}

// Clinical says whether the key opens clinical records.
func (k Key) Clinical() bool { return clinical[k] }
