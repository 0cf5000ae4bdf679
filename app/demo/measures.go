package demo

import (
	"context"
	"slices"

	"konote/app/metric"
	"konote/tenancy"
)

// why is what was written about the measure below, the oldest first.
var why = map[string][]string{
	"en": {
		"The funder’s form asks for nights in one place, and the library has only the kind of housing.",
		"The month has 31 days at most: a value of 45 was recorded by mistake.",
	},
	"fr": {
		"Le bailleur de fonds demande les nuits au même endroit, et la bibliothèque n’a que le type de logement.",
		"Un mois compte au plus 31 jours : la valeur 45 avait été inscrite par erreur.",
	},
}

// ownMeasure is what a housing program has made for itself.
func (p *past) ownMeasure(ctx context.Context, tx *tenancy.Tx) error {
	i := slices.IndexFunc(p.teams, func(t team) bool { return t.Theme == "housing" && len(t.Managers) > 0 })
	if i < 0 {
		return nil
	}
	by := p.teams[i].Managers[0]
	m := metric.Metric{
		ID: tenancy.NewID(), Kind: metric.Scale, Category: metric.Housing, NameEN: "Nights in one place", NameFR: "Nuits au même endroit",
		DefinitionEN: "How many nights of the last month did you sleep in the same place?", DefinitionFR: "Combien de nuits du dernier mois avez-vous dormi au même endroit?",
		UnitEN: "night|nights", UnitFR: "nuit|nuits", Low: new(0.0), High: new(31.0), Better: metric.Higher, Goal: new(28.0),
		CadenceNotes: 4, ReviewDays: 90, Program: &p.teams[i].Program, Status: metric.Active,
	}
	if err := metric.Insert(ctx, tx, m, by); err != nil {
		return err
	}
	for _, text := range why[p.language] {
		if err := metric.Explain(ctx, tx, m.ID, text, by); err != nil {
			return err
		}
	}
	return nil
}
