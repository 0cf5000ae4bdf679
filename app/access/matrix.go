package access

// Key names one thing that a role may or may not do. The keys are those of the
// existing KoNote (docs/permissions.md), participant for its client.
type Key string

// The keys, all of them: those whose feature comes later are here already, so that a
// role never gains something by accident when the feature arrives.
const (
	ParticipantViewName        Key = "participant.view_name"
	ParticipantViewContact     Key = "participant.view_contact"
	ParticipantViewSafety      Key = "participant.view_safety"
	ParticipantViewMedications Key = "participant.view_medications"
	ParticipantViewClinical    Key = "participant.view_clinical"
	ParticipantEdit            Key = "participant.edit"
	ParticipantCreate          Key = "participant.create"
	ParticipantEditContact     Key = "participant.edit_contact"
	ParticipantTransfer        Key = "participant.transfer"
	ParticipantDelete          Key = "participant.delete"

	MeetingEdit   Key = "meeting.edit"
	MeetingView   Key = "meeting.view"
	MeetingCreate Key = "meeting.create"

	CommunicationView Key = "communication.view"
	CommunicationLog  Key = "communication.log"

	AlertView                       Key = "alert.view"
	AlertCreate                     Key = "alert.create"
	AlertCancel                     Key = "alert.cancel"
	AlertRecommendCancel            Key = "alert.recommend_cancel"
	AlertReviewCancelRecommendation Key = "alert.review_cancel_recommendation"

	SreFlag       Key = "sre.flag"
	SreUnflag     Key = "sre.unflag"
	SreViewReport Key = "sre.view_report"

	AttendanceCheckIn    Key = "attendance.check_in"
	AttendanceViewReport Key = "attendance.view_report"

	GroupViewRoster    Key = "group.view_roster"
	GroupViewDetail    Key = "group.view_detail"
	GroupLogSession    Key = "group.log_session"
	GroupEdit          Key = "group.edit"
	GroupManageMembers Key = "group.manage_members"
	GroupCreate        Key = "group.create"
	GroupManageContent Key = "group.manage_content"
	GroupViewReport    Key = "group.view_report"

	CustomFieldView Key = "custom_field.view"
	CustomFieldEdit Key = "custom_field.edit"

	ConsentView   Key = "consent.view"
	ConsentManage Key = "consent.manage"

	IntakeView Key = "intake.view"
	IntakeEdit Key = "intake.edit"

	NoteDelete Key = "note.delete"
	NoteView   Key = "note.view"
	NoteCreate Key = "note.create"
	NoteEdit   Key = "note.edit"

	PlanDelete Key = "plan.delete"
	PlanView   Key = "plan.view"
	PlanEdit   Key = "plan.edit"

	ErasureManage Key = "erasure.manage"

	UserManage Key = "user.manage"

	SettingsManage Key = "settings.manage"

	ProgramManage Key = "program.manage"

	MetricViewIndividual Key = "metric.view_individual"
	MetricViewAggregate  Key = "metric.view_aggregate"
	MetricManage         Key = "metric.manage"

	AuditView Key = "audit.view"

	ComplianceViewSummary Key = "compliance.view_summary"

	ReportProgramReport Key = "report.program_report"
	ReportFunderReport  Key = "report.funder_report"
	ReportDataExtract   Key = "report.data_extract"

	TemplatePlanManage Key = "template.plan.manage"
	TemplateNoteManage Key = "template.note.manage"

	EventTypeManage Key = "event_type.manage"

	InsightsView Key = "insights.view"

	SuggestionThemeView   Key = "suggestion_theme.view"
	SuggestionThemeManage Key = "suggestion_theme.manage"

	RegistrationManage Key = "registration.manage"

	MessageLeave Key = "message.leave"
	MessageView  Key = "message.view"

	EventView   Key = "event.view"
	EventCreate Key = "event.create"

	CircleView   Key = "circle.view"
	CircleCreate Key = "circle.create"
	CircleEdit   Key = "circle.edit"
)

// A Rule is one row of the matrix: what each role may do.
type Rule struct {
	Key           Key
	FrontDesk     Level
	DirectService Level
	Manager       Level
	Executive     Level
}

// Matrix is who may do what: the only place where it is written. The administrator
// has no column: administration is a flag that opens settings and no participant.
var Matrix = []Rule{
	{ParticipantViewName, Allow, Allow, Allow, Deny},
	{ParticipantViewContact, Allow, Allow, Allow, Deny},
	{ParticipantViewSafety, Allow, Allow, Allow, Deny},
	{ParticipantViewMedications, Deny, InProgram, Allow, Deny},
	{ParticipantViewClinical, Deny, InProgram, Gated, Deny},
	{ParticipantEdit, Deny, InProgram, InProgram, Deny},
	{ParticipantCreate, Allow, InProgram, InProgram, Deny},
	{ParticipantEditContact, Allow, InProgram, Deny, Deny},
	{ParticipantTransfer, Deny, InProgram, InProgram, Deny},
	{ParticipantDelete, Deny, Deny, Deny, Deny},
	{MeetingEdit, Deny, InProgram, Deny, Deny},
	{MeetingView, Deny, InProgram, Allow, Deny},
	{MeetingCreate, Deny, InProgram, InProgram, Deny},
	{CommunicationView, Deny, InProgram, Allow, Deny},
	{CommunicationLog, Deny, InProgram, InProgram, Deny},
	{AlertView, Deny, InProgram, Allow, Deny},
	{AlertCreate, Deny, InProgram, Allow, Deny},
	{AlertCancel, Deny, Deny, Allow, Deny},
	{AlertRecommendCancel, Deny, InProgram, Deny, Deny},
	{AlertReviewCancelRecommendation, Deny, Deny, Allow, Deny},
	{SreFlag, Deny, InProgram, Allow, Deny},
	{SreUnflag, Deny, Deny, Deny, Deny},
	{SreViewReport, Deny, Deny, Allow, Allow},
	{AttendanceCheckIn, Allow, InProgram, Deny, Deny},
	{AttendanceViewReport, Deny, InProgram, Allow, Allow},
	{GroupViewRoster, Deny, InProgram, Allow, Deny},
	{GroupViewDetail, Deny, InProgram, Allow, Deny},
	{GroupLogSession, Deny, InProgram, InProgram, Deny},
	{GroupEdit, Deny, Deny, Allow, Deny},
	{GroupManageMembers, Deny, InProgram, Allow, Deny},
	{GroupCreate, Deny, InProgram, Allow, Deny},
	{GroupManageContent, Deny, InProgram, Allow, Deny},
	{GroupViewReport, Deny, InProgram, Allow, Deny},
	{CustomFieldView, PerField, InProgram, Allow, Deny},
	{CustomFieldEdit, PerField, InProgram, Deny, Deny},
	{ConsentView, Deny, InProgram, Allow, Deny},
	{ConsentManage, Deny, InProgram, InProgram, Deny},
	{IntakeView, Deny, InProgram, Allow, Deny},
	{IntakeEdit, Deny, InProgram, Deny, Deny},
	{NoteDelete, Deny, Deny, Deny, Deny},
	{NoteView, Deny, InProgram, Gated, Deny},
	{NoteCreate, Deny, InProgram, InProgram, Deny},
	{NoteEdit, Deny, InProgram, InProgram, Deny},
	{PlanDelete, Deny, Deny, Deny, Deny},
	{PlanView, Deny, InProgram, Gated, Deny},
	{PlanEdit, Deny, InProgram, Deny, Deny},
	{ErasureManage, Deny, Deny, InProgram, Deny},
	{UserManage, Deny, Deny, InProgram, Deny},
	{SettingsManage, Deny, Deny, Deny, Deny},
	{ProgramManage, Deny, Deny, InProgram, Deny},
	{MetricViewIndividual, Deny, InProgram, Allow, Deny},
	{MetricViewAggregate, Deny, InProgram, Allow, Allow},
	{MetricManage, Deny, Deny, InProgram, Deny},
	{AuditView, Deny, Deny, InProgram, Deny},
	{ComplianceViewSummary, Deny, Deny, Deny, Allow},
	{ReportProgramReport, Deny, Deny, Allow, Allow},
	{ReportFunderReport, Deny, Deny, Allow, Allow},
	{ReportDataExtract, Deny, Deny, Allow, Deny},
	{TemplatePlanManage, Deny, Deny, InProgram, Deny},
	{TemplateNoteManage, Deny, Deny, InProgram, Deny},
	{EventTypeManage, Deny, Deny, InProgram, Deny},
	{InsightsView, Deny, InProgram, Allow, Allow},
	{SuggestionThemeView, Deny, InProgram, Allow, Allow},
	{SuggestionThemeManage, Deny, Deny, InProgram, Deny},
	{RegistrationManage, Deny, Deny, InProgram, Deny},
	{MessageLeave, Allow, Allow, Allow, Deny},
	{MessageView, Deny, InProgram, Allow, Deny},
	{EventView, Deny, InProgram, Allow, Deny},
	{EventCreate, Deny, InProgram, Deny, Deny},
	{CircleView, Deny, InProgram, Allow, Deny},
	{CircleCreate, Deny, InProgram, Allow, Deny},
	{CircleEdit, Deny, InProgram, Allow, Deny},
}
