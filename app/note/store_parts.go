package note

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"konote/app/plan"
	"konote/keyring"
	"konote/tenancy"
)

// sealedNote are the arguments of the statements that save a note: everything is sealed
// in one pass before anything is sent.
type sealedNote struct {
	note   []any
	goals  goalColumns
	values valueColumns
}

// goalColumns and valueColumns are rows turned into columns: one statement writes them
// all, however many there are.
type goalColumns struct {
	ids, targets []uuid.UUID
	texts, words [][]byte
	descriptors  []*string
}

type valueColumns struct {
	ids       []uuid.UUID
	targets   []*uuid.UUID
	metrics   []uuid.UUID
	numbers   []*float64
	words     [][]byte
	confirmed []int16
}

func (c goalColumns) arguments(n *Note) []any {
	return []any{n.ID, n.HappenedOn, c.ids, c.targets, c.texts, c.words, c.descriptors}
}

func (c valueColumns) arguments(n *Note) []any {
	return []any{n.ID, n.Participant, n.HappenedOn, c.ids, c.targets, c.metrics, c.numbers, c.words, c.confirmed}
}

// seal seals a note. Goals and values without an id get one: sealed words belong to
// their row.
func seal(box *keyring.Box, n *Note) (sealedNote, error) {
	s := box.Sealer()
	sections, err := sealSections(s, n.ID, n.Sections)
	if err != nil {
		return sealedNote{}, err
	}
	sealed := sealedNote{note: []any{
		n.ID, n.Participant, n.Program, n.Author, n.AuthorRole, n.Kind, null(n.Template), null(n.Circle), n.Interaction,
		null(n.Outcome), null(n.Modality), null(n.Minutes), s.Seal(colText, n.ID, n.Text), sections, s.Seal(colSummary, n.ID, n.Summary),
		s.Seal(colTakeaway, n.ID, n.Takeaway), s.Seal(colSuggestion, n.ID, n.Suggestion), null(n.Weight), null(n.Engagement),
		null(n.Alliance.Rating), null(n.Alliance.By), n.prompt(), n.MadeTogether, n.HappenedOn, n.FollowUpOn, n.CreatedAt,
	}}
	for i := range n.Goals {
		g := &n.Goals[i]
		sealed.goals.add(s, g)
		for j := range g.Values {
			sealed.values.add(s, &g.Values[j], &g.Target)
		}
	}
	for i := range n.Shared {
		sealed.values.add(s, &n.Shared[i], nil)
	}
	if err := s.Err(); err != nil {
		return sealedNote{}, fmt.Errorf("seal note: %w", err)
	}
	return sealed, nil
}

func (c *goalColumns) add(s *keyring.Sealer, g *Goal) {
	if g.ID == uuid.Nil {
		g.ID = tenancy.NewID()
	}
	c.ids, c.targets = append(c.ids, g.ID), append(c.targets, g.Target)
	c.texts, c.words = append(c.texts, s.Seal(colGoalText, g.ID, g.Text)), append(c.words, s.Seal(colGoalWords, g.ID, g.Words))
	c.descriptors = append(c.descriptors, null(string(g.Descriptor)))
}

func (c *valueColumns) add(s *keyring.Sealer, v *Value, target *uuid.UUID) {
	if v.ID == uuid.Nil {
		v.ID = tenancy.NewID()
	}
	c.ids, c.targets, c.metrics = append(c.ids, v.ID), append(c.targets, target), append(c.metrics, v.Metric)
	c.numbers, c.words = append(c.numbers, v.Number), append(c.words, s.Seal(colValueWords, v.ID, v.Words))
	c.confirmed = append(c.confirmed, int16(v.Confirmed))
}

// prompt is the question that was asked, nil when none was.
func (n *Note) prompt() *int {
	if n.Alliance.Rating == 0 {
		return nil
	}
	return &n.Alliance.Prompt
}

type goalRow struct {
	ID         uuid.UUID       `db:"id"`
	Note       uuid.UUID       `db:"note_id"`
	Target     uuid.UUID       `db:"target_id"`
	Text       keyring.Sealed  `db:"text_sealed"`
	Words      keyring.Sealed  `db:"words_sealed"`
	Descriptor plan.Descriptor `db:"descriptor"`
	TargetName keyring.Sealed  `db:"target_name_sealed"`
}

func (r goalRow) open(o *keyring.Opener) Goal {
	return Goal{
		ID: r.ID, Target: r.Target, Name: plan.OpenName(o, r.Target, r.TargetName), Descriptor: r.Descriptor,
		Text: o.Open(colGoalText, r.ID, r.Text), Words: o.Open(colGoalWords, r.ID, r.Words),
	}
}

type valueRow struct {
	ID        uuid.UUID      `db:"id"`
	Target    *uuid.UUID     `db:"target_id"`
	Metric    uuid.UUID      `db:"metric_id"`
	Number    *float64       `db:"value"`
	Words     keyring.Sealed `db:"words_sealed"`
	Confirmed int            `db:"confirmed"`
}

// parts are the goals and values of one note as they came from the database.
type parts struct {
	goals  []goalRow
	values []valueRow
}

func queueParts(b *tenancy.Batch, note uuid.UUID, to *parts) {
	b.Queue(sqlGoals, tenancy.Into(&to.goals), note)
	b.Queue(sqlValues, tenancy.Into(&to.values), note)
}

// withhold takes out what the note says of goals that are closed to the reader.
func (n *Note) withhold(withheld []uuid.UUID) {
	n.Goals = slices.DeleteFunc(n.Goals, func(g Goal) bool {
		return slices.Contains(withheld, g.Target) || slices.Contains(withheld, n.Participant)
	})
	if slices.Contains(withheld, n.Participant) {
		n.Shared = nil
	}
}

// open opens the goals and values into their note.
func (p parts) open(box *keyring.Box, n *Note) error {
	o := box.Opener()
	n.Goals, n.Shared = nil, nil
	at := map[uuid.UUID]int{}
	for i, r := range p.goals {
		n.Goals = append(n.Goals, r.open(o))
		at[r.Target] = i
	}
	for _, r := range p.values {
		v := Value{ID: r.ID, Metric: r.Metric, Number: r.Number, Words: o.Open(colValueWords, r.ID, r.Words), Confirmed: r.Confirmed}
		if r.Target == nil {
			n.Shared = append(n.Shared, v)
		} else {
			g := &n.Goals[at[*r.Target]]
			g.Values = append(g.Values, v)
		}
	}
	if err := o.Err(); err != nil {
		return fmt.Errorf("open note: %w", err)
	}
	return nil
}
