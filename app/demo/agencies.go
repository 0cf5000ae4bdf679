package demo

import (
	"konote/app/access"
	"konote/app/i18n"
	"konote/app/program"
)

// An agencySpec is one invented agency: its words, services and people at work.
type agencySpec struct {
	Subdomain      string
	NameEN, NameFR string
	Terms          i18n.Terms
	HelpContact    string
	Participants   int
	// Tier is how strictly records are guarded.
	Tier access.Tier
	// FrenchShare is how many of a hundred participants prefer French.
	FrenchShare int
	Programs    []programSpec
	Staff       []staffSpec
	// Assesses is what is measured by itself.
	Assesses assessmentSpec
}

// A programSpec is one service. Theme names the sections of words.txt its notes come from.
type programSpec struct {
	Key, Theme                   string
	NameEN, NameFR               string
	DescriptionEN, DescriptionFR string
	Model                        program.ServiceModel
	Confidential                 bool
	GoalReviewDays               int
}

// A staffSpec is one account; Roles are by the key of the program.
type staffSpec struct {
	UserName, Name, Email, Language string
	Admin                           bool
	Roles                           map[string]access.Role
	// AppKey is the secret of an app that shows codes: a second step at sign-in. "": none.
	AppKey string
}

const (
	fd = access.FrontDesk
	ds = access.DirectService
	pm = access.ProgramManager
	ex = access.Executive
)

// Agencies are the two of the demo: a neighbourhood house that mostly speaks English,
// and a house for people who flee violence, which works in both languages and calls people
// and things by other words.
var agencies = []agencySpec{
	{
		Subdomain: "northside", NameEN: "Northside Neighbourhood House", NameFR: "Maison de quartier Northside",
		Assesses:    assessmentSpec{"phq9", "family"},
		HelpContact: "613-555-0140", Participants: 240, FrenchShare: 20, Tier: access.RoleBased,
		Programs: []programSpec{
			{Key: "housing", Theme: "housing", NameEN: "Housing Support", NameFR: "Soutien au logement",
				DescriptionEN: "Finding a home and keeping it.", DescriptionFR: "Trouver un chez-soi et le garder.", Model: program.Individual, GoalReviewDays: 90},
			{Key: "youth", Theme: "youth", NameEN: "Youth Connections", NameFR: "Jeunes en lien",
				DescriptionEN: "Drop-in, homework and outings, ages 12 to 18.", DescriptionFR: "Accueil, devoirs et sorties, de 12 à 18 ans.", Model: program.Both, GoalReviewDays: 60},
			{Key: "settlement", Theme: "settlement", NameEN: "Newcomer Settlement", NameFR: "Établissement et intégration",
				DescriptionEN: "The first years in Canada, with interpreters.", DescriptionFR: "Les premières années au Canada, avec interprètes.", Model: program.Individual},
			{Key: "family", Theme: "family", NameEN: "Family Counselling", NameFR: "Consultation familiale",
				DescriptionEN: "Conversations for families, at the house or at home.", DescriptionFR: "Rencontres pour les familles, sur place ou à domicile.", Model: program.Both},
		},
		Staff: []staffSpec{
			{UserName: "priya", Name: "Priya Raman", Email: "priya@northside.example", Language: "en", Admin: true},
			{UserName: "amara", Name: "Amara Okafor", Email: "amara@northside.example", Language: "en", Roles: map[string]access.Role{"housing": ds, "settlement": ds}},
			{UserName: "luc", Name: "Luc Bélanger", Email: "luc@northside.example", Language: "fr", Roles: map[string]access.Role{"housing": ds, "family": ds}},
			{UserName: "sam", Name: "Sam Whiteduck", Email: "sam@northside.example", Language: "en", Roles: map[string]access.Role{"youth": ds}},
			{UserName: "mei", Name: "Mei-Ling Chen", Email: "mei@northside.example", Language: "en", Roles: map[string]access.Role{"settlement": ds}},
			{UserName: "fatima", Name: "Fatima El-Sayed", Email: "fatima@northside.example", Language: "fr", Roles: map[string]access.Role{"settlement": pm, "family": ds}},
			{UserName: "dave", Name: "Dave Kowalski", Email: "dave@northside.example", Language: "en", Roles: map[string]access.Role{"housing": pm, "youth": pm}},
			{UserName: "ines", Name: "Inês Carvalho", Email: "ines@northside.example", Language: "en", Roles: map[string]access.Role{"family": pm}},
			{UserName: "joan", Name: "Joan MacLeod", Email: "joan@northside.example", Language: "en", Roles: map[string]access.Role{"housing": fd, "youth": fd, "settlement": fd, "family": fd}},
			{UserName: "grace", Name: "Grace Oduya", Email: "grace@northside.example", Language: "en", Roles: map[string]access.Role{"housing": ex, "youth": ex, "settlement": ex, "family": ex}},
			{UserName: "tom", Name: "Tom Nguyen", Email: "tom@northside.example", Language: "en", Roles: map[string]access.Role{"youth": ex, "family": ds}},
		},
	},
	{
		Subdomain: "harbour", NameEN: "Harbour House", NameFR: "Maison du Havre",
		Assesses:    assessmentSpec{"k10", "second"},
		HelpContact: "819-555-0177", Participants: 160, FrenchShare: 60, Tier: access.Safeguarded,
		Terms: i18n.Terms{
			"en": {
				"participant": {One: "resident", Many: "residents"},
				"worker":      {One: "advocate", Many: "advocates"},
				"program":     {One: "service", Many: "services"},
				"enrolment":   {One: "stay", Many: "stays"},
			},
			"fr": {
				"participant": {One: "personne hébergée", Many: "personnes hébergées", Feminine: true},
				"worker":      {One: "membre de l’équipe", Many: "membres de l’équipe"},
				"program":     {One: "service", Many: "services"},
				"enrolment":   {One: "séjour", Many: "séjours"},
			},
		},
		Programs: []programSpec{
			{Key: "shelter", Theme: "shelter", NameEN: "Safe Passage", NameFR: "Passage sûr",
				DescriptionEN: "Emergency stay; only its own team knows who is here.", DescriptionFR: "Hébergement d’urgence; seule son équipe sait qui s’y trouve.", Model: program.Individual, Confidential: true},
			{Key: "second", Theme: "housing", NameEN: "Second Stage", NameFR: "Deuxième étape",
				DescriptionEN: "An apartment of one’s own for a year.", DescriptionFR: "Un appartement à soi pendant un an.", Model: program.Individual, GoalReviewDays: 90},
			{Key: "outreach", Theme: "outreach", NameEN: "Outreach", NameFR: "Travail de rue",
				DescriptionEN: "Where people are, day and night.", DescriptionFR: "Là où sont les gens, jour et nuit.", Model: program.Individual, GoalReviewDays: 30},
			{Key: "children", Theme: "children", NameEN: "Children’s Room", NameFR: "Le coin des enfants",
				DescriptionEN: "Play, homework and quiet for children.", DescriptionFR: "Jeux, devoirs et calme pour les enfants.", Model: program.Both},
		},
		Staff: []staffSpec{
			{UserName: "claire", Name: "Claire Gagnon", Email: "claire@harbour.example", Language: "fr", Admin: true},
			{UserName: "noor", Name: "Noor Haddad", Email: "noor@harbour.example", Language: "fr", Roles: map[string]access.Role{"shelter": ds, "second": ds}},
			{UserName: "elodie", Name: "Élodie Tremblay-Côté", Email: "elodie@harbour.example", Language: "fr", Roles: map[string]access.Role{"second": ds}},
			{UserName: "sheila", Name: "Sheila Moses", Email: "sheila@harbour.example", Language: "en", Roles: map[string]access.Role{"outreach": ds}},
			{UserName: "rose", Name: "Rose Jean-Baptiste", Email: "rose@harbour.example", Language: "fr", Roles: map[string]access.Role{"children": ds, "second": fd}},
			{UserName: "helene", Name: "Hélène Dufour", Email: "helene@harbour.example", Language: "fr", Roles: map[string]access.Role{"shelter": pm},
				AppKey: "KNOTEDEMO2STEPKNOTEDEMO2STEP2345"},
			{UserName: "kim", Name: "Kim Park", Email: "kim@harbour.example", Language: "en", Roles: map[string]access.Role{"second": pm, "outreach": pm, "children": pm}},
			{UserName: "lise", Name: "Lise Nadeau", Email: "lise@harbour.example", Language: "fr", Roles: map[string]access.Role{"second": fd, "outreach": fd, "children": fd}},
			{UserName: "margaret", Name: "Margaret Sinclair", Email: "margaret@harbour.example", Language: "en", Roles: map[string]access.Role{"shelter": ex, "second": ex, "outreach": ex, "children": ex}},
		},
	},
}
