package consent

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// soon is how long before it lapses consent is asked for again.
const soon = 30 * 24 * time.Hour

// Banner says on every page of a record what must be known of consent: that it was
// withdrawn, that nothing may be written before it is given, that it lapses soon, that she
// wants to be written to in a way to which she has not agreed.
func Banner(b *tenancy.Batch, r *web.Request, _ uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	now := b.Now()
	return func(ctx context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		wish := wishes[p.ContactBy]
		switch {
		case p.Consent == access.ConsentWithdrawn:
			return withdrawnBanner(r.Frame(), p), nil
		case p.Consent == access.ConsentNone && r.Actor().Policy.ConsentFirst:
			return missingBanner(r.Frame(), p), nil
		case p.Consent == access.ConsentGiven && !p.ConsentEnds.IsZero() && p.ConsentEnds.Sub(now) < soon:
			return lapsingBanner(r.Frame(), p), nil
		case wish != "" && p.May(access.ConsentView):
			if agreed, err := MayWrite(ctx, tx, p.ID, wish, r.Today(tx)); err != nil || agreed {
				return nil, err
			}
			return wishBanner(r.Frame(), p, wish), nil
		}
		return nil, nil
	}
}

// wishes are the ways in which somebody may want to be reached that ask for consent.
var wishes = map[string]Purpose{"text": Text, "email": Email}

// lacking says that consent to a way is not on record.
var lacking = map[Purpose]i18n.Message{Text: i18n.ConsentLackingText, Email: i18n.ConsentLackingEmail}

// Lacking is said where somebody chooses a way to which the participant has not agreed; ""
// where she has, or the way asks for no consent.
func (w *Ways) Lacking(p *i18n.Printer, way string, today civil.Date) string {
	if of := wishes[way]; of != "" && w.lacks(of, today) {
		return p.T(lacking[of])
	}
	return ""
}

// Overview leads to recording consent where there is none yet: the next step after somebody
// was added.
func Overview(_ *tenancy.Batch, r *web.Request, _ uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	return func(_ context.Context, _ *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		if p.Consent != access.ConsentNone || r.Actor().Policy.ConsentFirst || !p.May(access.ConsentManage) {
			return nil, nil
		}
		return firstStep(r.Frame(), p), nil
	}
}

// tabPage is the tab of a record.
type tabPage struct {
	About   *participant.Reached
	Today   civil.Date
	Entries []Entry // all, the newest first
}

// Tab shows where consent stands, and what was decided before.
func Tab(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var rows []entryRow
	b.Queue(sqlOf, tenancy.Into(&rows), id, mayKnow(r.Actor(), id))
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		entries, err := openEntries(tx.Box(), rows)
		if err != nil {
			return nil, err
		}
		return tabView(r.Frame(), tabPage{About: p, Today: civil.Of(tx.Now().In(r.P.Zone())), Entries: entries}), nil
	}
}

// standing is the event that stands for a purpose; the zero Entry for none.
func (page tabPage) standing(purpose Purpose) Entry {
	at := slices.IndexFunc(page.Entries, func(e Entry) bool { return e.Purpose == purpose })
	if at < 0 {
		return Entry{}
	}
	return page.Entries[at]
}

var purposeLabels = map[Purpose]i18n.Key{
	Service: i18n.ConsentPurposeService, Sharing: i18n.ConsentPurposeSharing, Email: i18n.ConsentPurposeEmail, Text: i18n.ConsentPurposeText,
}

var purposeHints = map[Purpose]i18n.Message{
	Service: i18n.ConsentPurposeServiceHint, Sharing: i18n.ConsentPurposeSharingHint, Email: i18n.ConsentPurposeEmailHint, Text: i18n.ConsentPurposeTextHint,
}

var stateLabels = map[State]i18n.Key{
	Unasked: i18n.ConsentStateUnasked, Agreed: i18n.ConsentStateAgreed, Lapsed: i18n.ConsentStateLapsed,
	Declined: i18n.ConsentStateDeclined, TakenBack: i18n.ConsentStateWithdrawn,
}

var stateKinds = map[State]view.Kind{Unasked: view.Neutral, Agreed: view.Success, Lapsed: view.Warm, Declined: view.Neutral, TakenBack: view.Warm}

var howLabels = map[How]i18n.Key{
	InPerson: i18n.ConsentHowInPerson, Phone: i18n.ConsentHowPhone, Video: i18n.ConsentHowVideo, Paper: i18n.ConsentHowPaper, Portal: i18n.ConsentHowPortal,
	Link: i18n.ConsentHowEmailLink,
}

var byLabels = map[By]i18n.Key{Herself: i18n.ConsentByHerself, Substitute: i18n.ConsentBySubstitute}

var kindLabels = map[Kind]i18n.Key{Given: i18n.ConsentKindGiven, Refused: i18n.ConsentKindRefused, Withdrawn: i18n.ConsentKindWithdrawn}

// day is a calendar day as people read it.
func day(p *i18n.Printer, d civil.Date) string { return p.LongDate(d.Year, d.Month, d.Day) }

// stands says in a sentence where a purpose stands.
func (e Entry) stands(p *i18n.Printer, today civil.Date) i18n.Message {
	switch e.state(today) {
	case Agreed:
		if last := e.lastDay(); !last.IsZero() {
			return i18n.ConsentStandsAgreedUntil(day(p, e.HappenedOn), day(p, last))
		}
		return i18n.ConsentStandsAgreed(day(p, e.HappenedOn))
	case Lapsed:
		return i18n.ConsentStandsLapsed(day(p, e.lastDay()))
	case Declined:
		return i18n.ConsentStandsDeclined(day(p, e.HappenedOn))
	case TakenBack:
		return i18n.ConsentStandsWithdrawn(day(p, e.HappenedOn))
	}
	return i18n.ConsentStandsUnasked
}

// byLabel is what whoever recorded it did: nothing is explained when somebody withdraws.
func (e Entry) byLabel() i18n.Message {
	if e.Kind == Withdrawn {
		return i18n.ConsentRecordedBy
	}
	return i18n.ConsentExplained
}

// recorded says who explained it and when it was written down.
func (e Entry) recorded(p *i18n.Printer) i18n.Message {
	if e.ByName == "" {
		return i18n.ConsentRecordedNobody(p.Moment(e.RecordedAt))
	}
	return i18n.ConsentRecorded(e.ByName, p.Moment(e.RecordedAt))
}

// shown says which text was shown, in which language.
func (e Entry) shown() i18n.Message {
	if e.Language == "fr" {
		return i18n.ConsentShownFr(strconv.Itoa(e.Shown.Version))
	}
	return i18n.ConsentShownEn(strconv.Itoa(e.Shown.Version))
}

func tagOf(language string) string { return language + "-CA" }

func (page formPage) answers(f *view.Frame) []view.Option {
	options := []view.Option{{Value: string(Given), Label: f.T(i18n.ConsentAnswerYes)}}
	if page.State.mayRefuse() {
		options = append(options, view.Option{Value: string(Refused), Label: f.T(i18n.ConsentAnswerNo)})
	}
	return options
}

func bases(f *view.Frame) []view.Option {
	return []view.Option{
		{Value: string(Express), Label: f.T(i18n.ConsentBasisExpress), Hint: f.T(i18n.ConsentBasisExpressHint)},
		{Value: string(Implied), Label: f.T(i18n.ConsentBasisImplied), Hint: f.T(i18n.ConsentBasisImpliedHint)},
	}
}

func byOptions(f *view.Frame) []view.Option {
	return []view.Option{{Value: string(Herself), Label: f.T(i18n.ConsentByHerself)}, {Value: string(Substitute), Label: f.T(i18n.ConsentBySubstitute)}}
}

func howOptions(f *view.Frame) []view.Option {
	options := make([]view.Option, len(hows))
	for i, how := range hows {
		options[i] = view.Option{Value: string(how), Label: f.T(howLabels[how])}
	}
	return options
}

// consequences say what will happen once consent is withdrawn.
var consequences = map[Purpose][]i18n.Key{
	Service: {i18n.ConsentAfterServiceRead, i18n.ConsentAfterServiceStays, i18n.ConsentAfterServiceMessages, i18n.ConsentAfterServiceStill, i18n.ConsentAfterServiceBack},
	Sharing: {i18n.ConsentAfterSharing, i18n.ConsentAfterSharingBack},
	Email:   {i18n.ConsentAfterEmail},
	Text:    {i18n.ConsentAfterText},
}
