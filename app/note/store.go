package note

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/mistake"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colText         = keyring.Column{Table: "notes", Name: "text", Pad: keyring.Words}
	colSections     = keyring.Column{Table: "notes", Name: "sections", Pad: keyring.Words}
	colSummary      = keyring.Column{Table: "notes", Name: "summary", Pad: keyring.Words}
	colTakeaway     = keyring.Column{Table: "notes", Name: "takeaway", Pad: keyring.Words}
	colSuggestion   = keyring.Column{Table: "notes", Name: "suggestion", Pad: keyring.Words}
	colCancelReason = keyring.Column{Table: "notes", Name: "cancel_reason", Pad: keyring.Words}
	colGoalText     = keyring.Column{Table: "note_targets", Name: "text", Pad: keyring.Words}
	colGoalWords    = keyring.Column{Table: "note_targets", Name: "words", Pad: keyring.Words}
	colValueWords   = keyring.Column{Table: "metric_values", Name: "words", Pad: keyring.Words}
	colAddendum     = keyring.Column{Table: "note_addenda", Name: "text", Pad: keyring.Words}
)

const columns = `id, participant_id, program_id, author_id, author_role, kind, template_id, circle_id, interaction,
	coalesce(outcome, '') AS outcome, coalesce(modality, '') AS modality, coalesce(duration_minutes, 0) AS duration_minutes,
	text_sealed, sections_sealed, summary_sealed, takeaway_sealed, suggestion_sealed,
	coalesce(suggestion_weight, '') AS suggestion_weight, coalesce(engagement, '') AS engagement,
	coalesce(alliance, 0) AS alliance, coalesce(alliance_by, '') AS alliance_by, coalesce(alliance_prompt, 0) AS alliance_prompt,
	made_together, happened_on, follow_up_on, follow_up_moved_to, followed_up_at, created_at, cancelled_at, cancelled_by, cancel_reason_sealed`

// read are the columns by their names, for a statement around another one.
const read = `id, participant_id, program_id, author_id, author_role, kind, template_id, circle_id, interaction,
	outcome, modality, duration_minutes, text_sealed, sections_sealed, summary_sealed, takeaway_sealed, suggestion_sealed,
	suggestion_weight, engagement, alliance, alliance_by, alliance_prompt,
	made_together, happened_on, follow_up_on, follow_up_moved_to, followed_up_at, created_at, cancelled_at, cancelled_by, cancel_reason_sealed`

const (
	sqlByID = `SELECT ` + columns + `, 0 AS addenda FROM agency.notes WHERE id = $1`

	sqlInsert = `INSERT INTO agency.notes
		(id, participant_id, program_id, author_id, author_role, kind, template_id, circle_id, interaction, outcome, modality,
		 duration_minutes, text_sealed, sections_sealed, summary_sealed, takeaway_sealed, suggestion_sealed, suggestion_weight,
		 engagement, alliance, alliance_by, alliance_prompt, made_together, happened_on, follow_up_on, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
		ON CONFLICT (id) DO NOTHING RETURNING id`

	// What follows a note goes along in the same round trip. It is written only when this
	// very transaction made the note: a form that comes twice adds nothing to the first.
	ifMade = ` EXISTS (SELECT FROM agency.notes n WHERE n.id = $1 AND n.xmin = pg_current_xact_id()::xid)`

	sqlInsertGoals = `INSERT INTO agency.note_targets (id, note_id, happened_on, target_id, text_sealed, words_sealed, descriptor)
		SELECT g.id, $1, $2, g.target_id, g.text_sealed, g.words_sealed, g.descriptor
		FROM unnest($3::uuid[], $4::uuid[], $5::bytea[], $6::bytea[], $7::text[]) AS g (id, target_id, text_sealed, words_sealed, descriptor)
		WHERE` + ifMade

	sqlInsertValues = `INSERT INTO agency.metric_values
		(id, note_id, participant_id, target_id, metric_id, value, words_sealed, taken_on, confirmed)
		SELECT v.id, $1, $2, v.target_id, v.metric_id, v.value, v.words_sealed, $3, v.confirmed
		FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::float8[], $8::bytea[], $9::int2[])
		     AS v (id, target_id, metric_id, value, words_sealed, confirmed)
		WHERE` + ifMade

	sqlGoals = `SELECT g.id, g.note_id, g.target_id, g.text_sealed, g.words_sealed, coalesce(g.descriptor, '') AS descriptor,
		    t.name_sealed AS target_name_sealed
		FROM agency.note_targets g JOIN agency.targets t ON t.id = g.target_id WHERE g.note_id = $1 ORDER BY g.id`

	sqlValues = `SELECT id, target_id, metric_id, value::float8 AS value, words_sealed, confirmed
		FROM agency.metric_values WHERE note_id = $1 ORDER BY id`
)

type row struct {
	ID           uuid.UUID      `db:"id"`
	Participant  uuid.UUID      `db:"participant_id"`
	Program      uuid.UUID      `db:"program_id"`
	Author       uuid.UUID      `db:"author_id"`
	AuthorRole   access.Role    `db:"author_role"`
	Kind         Kind           `db:"kind"`
	Template     *uuid.UUID     `db:"template_id"`
	Circle       *uuid.UUID     `db:"circle_id"`
	Interaction  Interaction    `db:"interaction"`
	Outcome      Outcome        `db:"outcome"`
	Modality     Modality       `db:"modality"`
	Minutes      int            `db:"duration_minutes"`
	Text         keyring.Sealed `db:"text_sealed"`
	Sections     keyring.Sealed `db:"sections_sealed"`
	Summary      keyring.Sealed `db:"summary_sealed"`
	Takeaway     keyring.Sealed `db:"takeaway_sealed"`
	Suggestion   keyring.Sealed `db:"suggestion_sealed"`
	Weight       Weight         `db:"suggestion_weight"`
	Engagement   Engagement     `db:"engagement"`
	Alliance     int            `db:"alliance"`
	AllianceBy   Rater          `db:"alliance_by"`
	Prompt       int            `db:"alliance_prompt"`
	MadeTogether bool           `db:"made_together"`
	HappenedOn   civil.Date     `db:"happened_on"`
	FollowUpOn   civil.Date     `db:"follow_up_on"`
	MovedTo      civil.Date     `db:"follow_up_moved_to"`
	FollowedUpAt *time.Time     `db:"followed_up_at"`
	CreatedAt    time.Time      `db:"created_at"`
	mistake.Columns
	Addenda int `db:"addenda"`
}

func (r row) open(o *keyring.Opener) Note {
	n := Note{
		ID: r.ID, Participant: r.Participant, Program: r.Program, Author: r.Author, AuthorRole: r.AuthorRole,
		Kind: r.Kind, Template: tenancy.Zero(r.Template), Circle: tenancy.Zero(r.Circle),
		Interaction: r.Interaction, Outcome: r.Outcome, Modality: r.Modality, Minutes: r.Minutes,
		Text: o.Open(colText, r.ID, r.Text), Summary: o.Open(colSummary, r.ID, r.Summary),
		Takeaway: o.Open(colTakeaway, r.ID, r.Takeaway), Suggestion: o.Open(colSuggestion, r.ID, r.Suggestion),
		Weight: r.Weight, Engagement: r.Engagement, MadeTogether: r.MadeTogether,
		HappenedOn: r.HappenedOn, FollowUpOn: r.FollowUpOn, MovedTo: r.MovedTo, FollowedUpAt: tenancy.Zero(r.FollowedUpAt),
		CreatedAt: r.CreatedAt, InError: r.Columns.Open(o, colCancelReason, r.ID), Addenda: r.Addenda,
	}
	if r.Alliance > 0 {
		n.Alliance = Alliance{Rating: r.Alliance, By: r.AllianceBy, Prompt: r.Prompt}
	}
	n.Sections = openSections(o, r.ID, r.Sections)
	return n
}

// openSections reads what sealSections made.
func openSections(o *keyring.Opener, id uuid.UUID, sealed keyring.Sealed) (sections []Written) {
	if text := o.Open(colSections, id, sealed); text != "" {
		_ = json.Unmarshal([]byte(text), &sections) // the envelope says that it is ours
	}
	return sections
}

func sealSections(s *keyring.Sealer, id uuid.UUID, sections []Written) (keyring.Sealed, error) {
	if len(sections) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(sections)
	if err != nil {
		return nil, fmt.Errorf("encode sections: %w", err)
	}
	return s.Seal(colSections, id, string(text)), nil
}

// byID loads one note without its goals and values, whoever may read it; the caller
// decides.
func byID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Note, error) {
	found, err := tenancy.Row[row](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Note{}, fault.Missing()
	}
	if err != nil {
		return Note{}, fmt.Errorf("load note: %w", err)
	}
	notes, err := openAll(tx.Box(), []row{found})
	if err != nil {
		return Note{}, err
	}
	return notes[0], nil
}

func openAll(box *keyring.Box, rows []row) ([]Note, error) {
	o := box.Opener()
	notes := make([]Note, len(rows))
	for i, r := range rows {
		notes[i] = r.open(o)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open notes: %w", err)
	}
	return notes, nil
}

// insert saves a note with its goals and values and answers the open follow-ups
// about the participant that are the author's. It says false when the same form was saved before, and
// fault.Conflict when the id is of another note. A form that was saved and comes again
// with other words is another note, and n gets an id of its own: what somebody wrote is
// never dropped.
func insert(ctx context.Context, tx *tenancy.Tx, n *Note) (bool, error) {
	n.Kind = n.kind()
	sealed, err := seal(tx.Box(), n)
	if err != nil {
		return false, err
	}
	var added bool
	b := tx.Batch()
	b.Queue(sqlInsert, func(rows pgx.Rows) error {
		added = rows.Next()
		rows.Close()
		return rows.Err()
	}, sealed.note...)
	if len(n.Goals) > 0 {
		b.Exec(sqlInsertGoals, sealed.goals.arguments(n)...)
	}
	if len(sealed.values.ids) > 0 {
		b.Exec(sqlInsertValues, sealed.values.arguments(n)...)
	}
	b.Exec(sqlAnswerFollowUps, n.ID, n.Participant, n.Author, n.CreatedAt)
	if err := b.Send(ctx); err != nil {
		return false, fmt.Errorf("insert note: %w", err)
	}
	if added {
		return true, nil
	}
	saved, err := byID(ctx, tx, n.ID)
	if err != nil {
		return false, err
	}
	if saved.Author != n.Author || saved.Participant != n.Participant {
		return false, fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	var parts parts
	b = tx.Batch()
	queueParts(b, n.ID, &parts)
	if err := b.Send(ctx); err != nil {
		return false, fmt.Errorf("load note: %w", err)
	}
	if err := parts.open(tx.Box(), &saved); err != nil {
		return false, err
	}
	if sameWords(saved, *n) {
		return false, nil
	}
	n.ID = tenancy.NewID()
	for i := range n.Goals {
		n.Goals[i].ID = uuid.Nil
	}
	return insert(ctx, tx, n)
}

// null is a value as a statement wants it: NULL for the zero value.
func null[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
