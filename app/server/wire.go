package server

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"konote/app/access"
	"konote/app/alert"
	"konote/app/audit"
	"konote/app/caseload"
	"konote/app/circle"
	"konote/app/config"
	"konote/app/consent"
	"konote/app/demo/identity"
	"konote/app/demo/mailbox"
	"konote/app/directive"
	"konote/app/draft"
	"konote/app/event"
	"konote/app/factor"
	"konote/app/fault"
	"konote/app/find"
	"konote/app/grant"
	"konote/app/group"
	"konote/app/home"
	"konote/app/i18n"
	"konote/app/invite"
	"konote/app/limit"
	"konote/app/mail"
	"konote/app/mail/sink"
	"konote/app/message"
	"konote/app/metric"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/session"
	"konote/app/settings"
	"konote/app/sso"
	"konote/app/staff"
	"konote/app/team"
	"konote/app/timeline"
	"konote/app/view"
	"konote/app/watch"
	"konote/app/web"
	"konote/jobs"
	"konote/keyring"
	"konote/keyring/azurevault"
	"konote/tenancy"
)

// Server is everything that the settings describe. Open makes it; Run serves with it;
// commands use its parts.
type Server struct {
	Config   *config.Config
	Log      *slog.Logger
	Keys     keyring.Wrapper
	Platform *tenancy.Platform
	Redis    *redis.Client
	Sessions *session.Store
	Limits   *limit.Limits
	Ledger   *audit.Ledger
	Guard    *audit.Guard
	Relay    *audit.Relay
	Signer   *audit.Signer
	Hasher   *staff.Hasher
	Finder   *find.Finder
	Mail     *mail.Sender
	Mailbox  *sink.Sink // takes the mail of a demo that has no server; nil otherwise
	Jobs     *jobs.Client
	Web      *web.App
}

// Open builds a Server. It waits for nothing: what is down shows at its first use and
// in Checkup. Close it in the end.
func Open(ctx context.Context, c *config.Config, log *slog.Logger) (*Server, error) {
	collectLess()
	s := &Server{Config: c, Log: log}
	for _, step := range []func(context.Context) error{s.openKeys, s.openPlatform, s.openRedis, s.openAudit, s.openMail, s.openFeatures, s.openJobs, s.openWeb} {
		if err := step(ctx); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

// garbage is how much there may be before it is collected, in percent of what is in use. Go's
// own is 100; a request that meets a collection takes milliseconds longer, and twice as much
// halves how many do.
const garbage = 200

// collectLess sets garbage for the process, unless GOGC did. GOMEMLIMIT bounds it.
func collectLess() {
	if set := debug.SetGCPercent(garbage); set != 100 {
		debug.SetGCPercent(set)
	}
}

// Close ends connections and forgets keys.
func (s *Server) Close() {
	if s.Mailbox != nil {
		s.Mailbox.Close()
	}
	if s.Ledger != nil {
		s.Ledger.Close()
	}
	if s.Redis != nil {
		_ = s.Redis.Close() // nothing is kept in it
	}
	if s.Platform != nil {
		s.Platform.Close()
	}
}

func (s *Server) openKeys(context.Context) (err error) {
	s.Keys, err = keysOf(s.Config)
	return err
}

// keysOf makes the key provider of the settings. It asks it nothing.
func keysOf(c *config.Config) (keyring.Wrapper, error) {
	switch {
	case c.KeyProvider == "azurevault":
		return azurevault.New(azurevault.Settings{
			URL: c.VaultURL, KeyName: c.VaultKeyName, Algorithm: azurevault.Algorithm(c.VaultAlgorithm),
			TenantID: c.VaultTenant, ClientID: c.VaultClient, ClientSecret: c.VaultSecret, TokenFile: c.VaultTokenFile,
		})
	case c.KeyFile != "":
		return keyring.NewLocalFile(c.KeyFile)
	case c.LocalKey != "":
		return keyring.NewLocal(c.LocalKey)
	}
	return nil, errors.New("no key provider: set KONOTE_KEY_FILE, KONOTE_LOCAL_KEY or KONOTE_VAULT_URL")
}

func (s *Server) openPlatform(ctx context.Context) (err error) {
	c := s.Config
	s.Guard = audit.NewGuard(audit.Limits{Rows: int64(c.AuditBacklog), Age: c.AuditBacklogAge})
	s.Platform, err = tenancy.Open(ctx, tenancy.Settings{
		DatabaseURL: c.DatabaseURL, Shards: c.Shards, Keys: s.Keys, Gate: s.Guard.Check, Log: s.Log,
	})
	return err
}

func (s *Server) openRedis(context.Context) (err error) {
	if s.Redis, err = session.Dial(s.Config.RedisURL); err != nil {
		return err
	}
	if s.Sessions, err = session.New(s.Redis, s.Config.LimitSecret, time.Now); err != nil {
		return err
	}
	if s.Limits, err = limit.New(s.Redis, s.Config.LimitSecret, time.Now); err != nil {
		return err
	}
	if s.Config.Mode == config.Demo {
		s.Limits.Unmeter()
	}
	return nil
}

func (s *Server) openAudit(ctx context.Context) (err error) {
	if s.Ledger, err = audit.OpenLedger(ctx, s.Config.AuditWriterURL, s.Config.AuditReaderURL); err != nil {
		return err
	}
	if s.Signer, err = audit.NewSigner(s.Config.AuditSigningKey); err != nil {
		return err
	}
	s.Relay = audit.NewRelay(s.Platform, s.Ledger, s.Guard, s.Log)
	return nil
}

// openMail makes the sender. A demo without a mail server has one that delivers nothing.
func (s *Server) openMail(context.Context) (err error) {
	address := s.Config.SMTPURL
	if s.Config.Mode == config.Demo && address == "" {
		if s.Mailbox, err = sink.Start(); err != nil {
			return err
		}
		address = s.Mailbox.URL()
	}
	s.Mail, err = mail.New(address, s.Config.MailFrom)
	return err
}

func (s *Server) openFeatures(context.Context) (err error) {
	if s.Hasher, err = staff.NewHasher(staff.HasherSettings{Peppers: [][]byte{s.Config.Pepper}}); err != nil {
		return err
	}
	s.Finder = find.New(s.Platform, s.Config.SearchMemory)
	return nil
}

// openJobs gathers the workers of all features.
func (s *Server) openJobs(ctx context.Context) (err error) {
	registry := jobs.NewRegistry(s.Platform, s.Log)
	audit.AddJobs(registry, s.Ledger, s.Signer, audit.Folder(s.Config.CheckpointDir))
	event.AddJobs(registry, s.Mail, s.Config.URL)
	staff.AddJobs(registry, s.Mail, s.Config.URL)
	invite.AddJobs(registry, s.Mail, s.Config.URL)
	grant.AddJobs(registry, s.Mail, s.Config.URL)
	note.AddJobs(registry)
	watch.AddJobs(registry, &watch.Reader{Platform: s.Platform, Ledger: s.Ledger, VerifierKey: s.Signer.VerifierKey()})

	databases := map[string]string{tenancy.MainShard: s.Config.DatabaseURL}
	maps.Copy(databases, s.Config.Shards)
	s.Jobs, err = jobs.NewClient(ctx, databases, registry)
	return err
}

func (s *Server) openWeb(context.Context) (err error) {
	assets, err := view.LoadAssets()
	if err != nil {
		return err
	}
	secret, err := hkdf.Key(sha256.New, s.Config.LimitSecret, nil, "konote/web", 32)
	if err != nil {
		return fmt.Errorf("derive the secret of forms: %w", err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		s.Limits.Metrics(), s.Relay, s.Jobs)
	registry.MustRegister(s.figures()...)

	accounts := &staff.Handlers{Hasher: s.Hasher, Limits: s.Limits, Sessions: s.Sessions, SignedIn: s.Finder.Prewarm, Elsewhere: sso.Offer, Factors: factor.Having}
	elsewhere := &sso.Handlers{Directory: sso.NewDirectory(s.Config.Mode == config.Demo), Sessions: s.Sessions, URL: s.Config.URL, Enter: accounts.Enter}
	s.Web, err = web.New(web.Config{
		Agencies: s.Platform, Sessions: s.Sessions, Limits: s.Limits, Assets: assets,
		Secret: secret, Secure: !s.Config.InsecureCookies, OperatorHost: operatorHost(s.Config.BaseDomain), TrustedProxies: s.Config.TrustedProxies, Support: s.Config.Support,
		Registry: registry, Log: s.Log,
		Probes: []web.Probe{
			{Name: "database", Check: s.Platform.Ready},
			{Name: "redis", Check: s.Sessions.Ping},
			{Name: "keys", Check: s.Platform.Ring().Check, Optional: true},
			{Name: "audit database", Check: s.Ledger.Ready, Optional: true},
			{Name: "audit backlog", Check: func(context.Context) error { return s.Guard.Check() }},
		},
		Hooks: web.Hooks{
			Settings: loadSettings,
			Visitor:  visitors(),
			Refused:  refused,
			Kept:     (&draft.Handlers{Forms: forms}).Kept,
			Nav:      Navigation,
			New:      NewMenu,
			Menu:     OwnMenu,
			Language: staff.SetLanguage,
		},
	}, Routes(Handlers{
		Staff:       accounts,
		Invite:      &invite.Handlers{Staff: accounts, Leave: elsewhere.Invited},
		Factor:      &factor.Handlers{Hasher: s.Hasher, Limits: s.Limits, Sessions: s.Sessions, URL: s.Config.URL, Elsewhere: sso.Proving},
		Program:     &program.Handlers{},
		Participant: s.Participants(),
		Note:        &note.Handlers{},
		Event:       &event.Handlers{Limits: s.Limits, URL: s.Config.URL},
		Mailbox:     mailboxOf(s.Mailbox),
		Identity:    s.identity(),
		Find:        &find.Handlers{Finder: s.Finder, Sessions: s.Sessions},
		Draft:       &draft.Handlers{Forms: forms},
		Alert:       &alert.Handlers{},
		Group:       &group.Handlers{},
		Circle:      &circle.Handlers{Sections: []circle.Section{note.OfCircle}},
		Directive:   &directive.Handlers{},
		Consent:     &consent.Handlers{},
		Metric:      &metric.Handlers{},
		Plan:        &plan.Handlers{},
		Home:        &home.Handlers{Forms: forms},
		Message:     &message.Handlers{},
		Caseload:    &caseload.Handlers{},
		Team:        &team.Handlers{},
		Audit:       &audit.Handlers{Ledger: s.Ledger, Names: staff.Names, People: watch.People, Find: watch.Find(s.Finder)},
		Watch:       &watch.Handlers{Platform: s.Platform, Ledger: s.Ledger},
		Settings:    &settings.Handlers{Groups: settingsLinks},
		Grant:       &grant.Handlers{},
		SSO:         elsewhere,
	}))
	return err
}

// Participants are the pages of a participant's record, with the parts that other features
// draw on them.
func (s *Server) Participants() *participant.Handlers {
	return &participant.Handlers{
		PassOn: message.PassOn,
		Find:   s.Finder,
		Banner: []participant.Part{{Key: access.ParticipantViewName, Draw: grant.Banner}, {Key: access.ParticipantViewName, Draw: directive.Banner}, {Key: access.ConsentView, Draw: consent.Banner}, {Key: access.AlertView, Draw: alert.Banner}},
		Overview: []participant.Part{
			{Key: access.ConsentManage, Draw: consent.Overview},
			{Key: access.NoteCreate, Draw: note.DueNow},
			{Key: access.PlanView, Draw: plan.RightNow},
			{Key: access.NoteView, Draw: note.Latest},
			{Key: access.MeetingView, Draw: event.Coming},
			{Key: access.MessageLeave, Draw: message.Overview},
			{Key: access.GroupViewDetail, Draw: group.Overview},
			{Key: access.CircleView, Draw: circle.Overview},
			{Key: access.AlertView, Draw: alert.Overview},
		},
		Menu: append(append([]participant.MenuItem{{Label: i18n.NoteAssessmentAction, Hint: i18n.NoteAssessmentHint, Path: []string{"assessments", "new"}, Key: access.NoteCreate}},
			directive.Menu()...),
			participant.MenuItem{Label: i18n.WatchLogTitle, Hint: i18n.WatchLogHint, Path: []string{"access-log"}, Key: access.AuditView}),
		Tabs: []participant.Tab{
			{Path: "plan", Label: i18n.PlanTab, Part: participant.Part{Key: access.PlanView, Draw: plan.Tab}},
			{Path: "timeline", Label: i18n.ParticipantTabTimeline, Part: participant.Part{Key: access.NoteView, Draw: timeline.Tab(note.Timeline(), event.Timeline(), message.Timeline(), group.Timeline(), timeline.Enrolments())}},
			{Path: "events", Label: i18n.EventTab, Part: participant.Part{Key: access.EventView, Draw: event.Tab}},
			{Path: "contacts", Label: i18n.ContactTab, Part: participant.Part{Key: access.CommunicationView, Draw: message.Contacts}},
			{Path: "consent", Label: i18n.ConsentTab, Part: participant.Part{Key: access.ConsentView, Draw: consent.Tab}},
		},
	}
}

// forms are all that are kept while they are typed in.
var forms = append(draft.Forms{
	participant.NewForm,
	participant.EditForm,
	participant.ChangeForm,
	program.NewForm,
	program.EditForm,
	alert.NewForm,
	alert.RecommendForm,
	alert.ReviewForm,
	alert.EndForm,
	directive.NewForm,
	directive.LiftForm,
	directive.RemovalForm,
	group.NewForm,
	group.EditForm,
	group.SessionForm,
	group.EditSessionForm,
	group.NewMilestoneForm,
	group.NewOutcomeForm,
	group.EditStepForm,
	grant.AskForm,
	grant.EmergencyForm,
	grant.ReviewForm,
	plan.NewForm,
	plan.EditForm,
	plan.StatusForm,
	plan.JudgeForm,
	plan.SectionForm,
	plan.NewTemplateForm,
	plan.EditTemplateForm,
	event.NewForm,
	event.EditForm,
	event.EventInError.Draft(),
	event.MeetingInError.Draft(),
	event.UnflagForm,
	event.NewMeetingForm,
	event.EditMeetingForm,
	message.ContactForm,
	message.MessageForm,
	message.ContactInError.Draft(),
	note.Form,
	note.AssessmentForm,
	note.AddendumForm,
	note.InError.Draft(),
	metric.NewForm,
	metric.EditForm,
	watch.MarkForm,
}, consent.Forms()...)

// mailboxOf shows what a sink took, where there is one.
func mailboxOf(taken *sink.Sink) *mailbox.Handlers {
	if taken == nil {
		return nil
	}
	return &mailbox.Handlers{Sink: taken}
}

// identity is the demo's own identity provider; nil outside a demo.
func (s *Server) identity() *identity.Handlers {
	if s.Config.Mode != config.Demo {
		return nil
	}
	return identity.New(s.Config.URL)
}

// operatorHost is where the platform's own side lives, below the agencies' domain.
func operatorHost(base string) string {
	if base == "" {
		return ""
	}
	return "operator." + base
}

func loadSettings(ctx context.Context, agency *tenancy.Agency) (web.AgencySettings, error) {
	var loaded web.AgencySettings
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		loaded, err = settings.Load(ctx, tx)
		return err
	})
	return loaded, err
}

// visitors knows who is signed in, with how many messages wait for her.
func visitors() func(context.Context, *tenancy.Agency, uuid.UUID, bool) (web.Visitor, web.AgencySettings, error) {
	var known staff.Visitors
	return func(ctx context.Context, agency *tenancy.Agency, id uuid.UUID, framed bool) (web.Visitor, web.AgencySettings, error) {
		if framed {
			return known.Load(ctx, agency, id, message.QueueUnread)
		}
		return known.Load(ctx, agency, id)
	}
}

// refused puts what somebody was not let do into the audit log, in a transaction of its
// own: the one it was refused in is gone.
func refused(r *web.Request, cause error) error {
	if r.Agency == nil {
		return nil
	}
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		kind := fault.KindOf(cause)
		if f := (*fault.Fault)(nil); errors.As(cause, &f) && f.Hidden { // there, and the person was told otherwise
			kind = fault.Denied
		}
		event := audit.Event{Action: "access.refused", Outcome: audit.Refused,
			After: map[string]string{"route": r.Method + " " + r.Route, "kind": kind.String()}}
		for segment := range strings.SplitSeq(r.Route, "/") { // the last one is what was asked for
			if id, err := r.ID(strings.TrimPrefix(segment, ":")); err == nil {
				event.Subject = id
			}
		}
		participant, _ := r.ID("participant")
		if err := watch.Attribute(r.Context(), tx, r.Actor(), &event, participant); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
}
