package metric

import "slices"

// Library is the measures that every agency begins with, in the order of lists, without
// ids. Limits of clinical scales and their bands are those of their authors.
func Library() []Metric {
	library := slices.Concat(universal, general, mentalHealth, housing, employment, youth, experience)
	for i := range library {
		m := &library[i]
		m.Status = Active
		if m.Kind == "" {
			m.Kind = Scale
		}
		if m.Better == "" {
			m.Better = Higher
		}
		m.CadenceNotes, m.ReviewDays = max(m.CadenceNotes, 1), max(m.ReviewDays, 90)
		m.Assessment = usually
		if len(m.Options) > 0 && m.Kind == Scale {
			m.Low, m.High = new(m.Options[0].Value), new(m.Options[len(m.Options)-1].Value)
		}
	}
	return library
}

// words are the answers 1, 2, 3 … in pairs of English and French.
func words(pairs ...string) []Option {
	var options []Option
	for i := 0; i+1 < len(pairs); i += 2 {
		options = append(options, Option{Value: float64(i/2 + 1), EN: pairs[i], FR: pairs[i+1]})
	}
	return options
}

// achieved marks the answers from the n-th on as achieved.
func achieved(n int, options []Option) []Option {
	for i := range options {
		options[i].Achieved = i+1 >= n
	}
	return options
}

// confidence are the answers to "how confident are you".
func confidence() []Option {
	return words("Not at all", "Pas du tout", "A little", "Un peu", "Somewhat", "Moyennement", "Quite", "Assez", "Very", "Tout à fait")
}

// agreement are the answers to a statement.
func agreement() []Option {
	return words("Strongly disagree", "Pas du tout d’accord", "Disagree", "Plutôt pas d’accord", "Agree", "Plutôt d’accord", "Strongly agree", "Tout à fait d’accord")
}

var universal = []Metric{
	{
		LibraryKey: "goal_progress", Category: Universal, Universal: true, Goal: new(4.0),
		NameEN: "Goal progress", NameFR: "Progrès vers l’objectif",
		DefinitionEN: "How far along does this feel to you?", DefinitionFR: "Où en êtes-vous, selon vous?",
		Options: words("Not begun", "Pas commencé", "First steps", "Premiers pas", "Part of the way", "À mi-chemin", "Nearly there", "Presque", "There", "C’est fait"),
	},
	{
		LibraryKey: "self_efficacy", Category: Universal, Universal: true, Goal: new(4.0),
		NameEN: "Believing I can do it", NameFR: "Croire que j’en suis capable",
		DefinitionEN: "How sure are you that you can do this?", DefinitionFR: "À quel point pensez-vous en être capable?",
		Options: confidence(),
	},
	{
		LibraryKey: "satisfaction", Category: Universal, Universal: true, Goal: new(4.0), CadenceNotes: 3,
		NameEN: "Satisfaction with our work", NameFR: "Satisfaction de notre travail",
		DefinitionEN: "How well is our work together going for you?", DefinitionFR: "À quel point notre travail ensemble vous convient-il?",
		Options: words("Not at all", "Pas du tout", "A little", "Un peu", "So-so", "Plus ou moins", "Well", "Bien", "Very well", "Très bien"),
	},
}

var general = []Metric{
	{
		LibraryKey: "feeling_today", Category: General, Goal: new(4.0),
		NameEN: "How I feel today", NameFR: "Comment je me sens aujourd’hui",
		DefinitionEN: "How are you feeling today?", DefinitionFR: "Comment vous sentez-vous aujourd’hui?",
		Options: words("Very bad", "Très mal", "Bad", "Mal", "So-so", "Moyen", "Good", "Bien", "Very good", "Très bien"),
	},
	{
		LibraryKey: "how_things_go", Category: General, Goal: new(4.0),
		NameEN: "How things are going", NameFR: "Comment ça va dans ma vie",
		DefinitionEN: "How are things going in your life these days?", DefinitionFR: "Comment ça va dans votre vie ces jours-ci?",
		Options: words("Very hard", "Très difficile", "Hard", "Difficile", "Up and down", "Des hauts et des bas", "Well", "Bien", "Very well", "Très bien"),
	},
	{
		LibraryKey: "navigating_services", Category: General, Goal: new(4.0),
		NameEN: "Finding my way to services", NameFR: "M’y retrouver dans les services",
		DefinitionEN: "How confident are you that you can find and use the services you need?", DefinitionFR: "À quel point vous sentez-vous capable de trouver et d’utiliser les services dont vous avez besoin?",
		Options: confidence(),
	},
	{
		LibraryKey: "english_comfort", Category: General, Goal: new(4.0),
		NameEN: "Comfort in English", NameFR: "Aisance en anglais",
		DefinitionEN: "How comfortable are you speaking English day to day?", DefinitionFR: "À quel point parlez-vous anglais avec aisance au quotidien?",
		Options: confidence(),
	},
	{
		LibraryKey: "cooking_confidence", Category: General, Goal: new(4.0),
		NameEN: "Confidence in cooking", NameFR: "Confiance en cuisine",
		DefinitionEN: "How confident are you that you can cook a healthy meal?", DefinitionFR: "À quel point vous sentez-vous capable de cuisiner un repas sain?",
		Options: confidence(),
	},
	{
		LibraryKey: "healthy_meals", Category: General, Low: new(0.0), High: new(14.0), Goal: new(10.0),
		NameEN: "Healthy meals", NameFR: "Repas sains",
		DefinitionEN: "Healthy meals cooked or eaten in the past week.", DefinitionFR: "Repas sains cuisinés ou pris au cours de la dernière semaine.",
		UnitEN: "meal|meals", UnitFR: "repas",
	},
	{
		LibraryKey: "sessions_month", Category: General, Counts: Sessions, Low: new(0.0), High: new(20.0),
		NameEN: "Sessions this month", NameFR: "Rencontres ce mois-ci",
		DefinitionEN: "Sessions attended in a calendar month. KoNote counts them from the notes.", DefinitionFR: "Rencontres du mois civil. KoNote les compte à partir des notes.",
		UnitEN: "session|sessions", UnitFR: "rencontre|rencontres",
	},
	{
		LibraryKey: "community_connections", Category: General, Low: new(0.0), High: new(20.0), WarnHigh: new(15.0), Goal: new(3.0),
		NameEN: "Community connections", NameFR: "Liens dans la communauté",
		DefinitionEN: "People or places you can turn to when you need something.", DefinitionFR: "Personnes ou lieux vers qui vous tourner en cas de besoin.",
		UnitEN: "connection|connections", UnitFR: "lien|liens",
	},
}

var mentalHealth = []Metric{
	{
		LibraryKey: "phq9", Category: MentalHealth, Better: Lower, Low: new(0.0), High: new(27.0), Goal: new(4.0), CadenceNotes: 4,
		NameEN: "PHQ-9 (depression)", NameFR: "PHQ-9 (dépression)",
		DefinitionEN: "Total of the nine questions about the past two weeks.", DefinitionFR: "Total des neuf questions sur les deux dernières semaines.",
		Bands: []Band{{0, 4, "Minimal", "Minime"}, {5, 9, "Mild", "Léger"}, {10, 14, "Moderate", "Modéré"}, {15, 19, "Moderately severe", "Modérément grave"}, {20, 27, "Severe", "Grave"}},
	},
	{
		LibraryKey: "gad7", Category: MentalHealth, Better: Lower, Low: new(0.0), High: new(21.0), Goal: new(4.0), CadenceNotes: 4,
		NameEN: "GAD-7 (anxiety)", NameFR: "GAD-7 (anxiété)",
		DefinitionEN: "Total of the seven questions about the past two weeks.", DefinitionFR: "Total des sept questions sur les deux dernières semaines.",
		Bands: []Band{{0, 4, "Minimal", "Minime"}, {5, 9, "Mild", "Léger"}, {10, 14, "Moderate", "Modéré"}, {15, 21, "Severe", "Grave"}},
	},
	{
		LibraryKey: "k10", Category: MentalHealth, Better: Lower, Low: new(10.0), High: new(50.0), Goal: new(19.0), CadenceNotes: 4,
		NameEN: "K10 (distress)", NameFR: "K10 (détresse)",
		DefinitionEN: "Total of the ten questions about the past four weeks.", DefinitionFR: "Total des dix questions sur les quatre dernières semaines.",
		Bands: []Band{{10, 19, "Likely well", "Probablement bien"}, {20, 24, "Mild", "Léger"}, {25, 29, "Moderate", "Modéré"}, {30, 50, "Severe", "Grave"}},
	},
}

var housing = []Metric{
	{
		LibraryKey: "shelter_nights", Category: Housing, Better: Lower, Low: new(0.0), High: new(30.0), Goal: new(0.0), CadenceNotes: 2,
		NameEN: "Nights in shelter", NameFR: "Nuits en refuge",
		DefinitionEN: "Nights spent in a shelter in the past 30 days.", DefinitionFR: "Nuits passées en refuge au cours des 30 derniers jours.",
		UnitEN: "night|nights", UnitFR: "nuit|nuits",
	},
	{
		LibraryKey: "monthly_income", Category: Housing, Low: new(0.0), WarnHigh: new(8000.0), UnlikelyHigh: new(20000.0), Decimals: 2, CadenceNotes: 4,
		NameEN: "Monthly income", NameFR: "Revenu mensuel",
		DefinitionEN: "Income from all sources in the past month, after tax.", DefinitionFR: "Revenu de toutes sources au cours du dernier mois, après impôt.",
		UnitEN: "$", UnitFR: "$",
	},
	{
		LibraryKey: "safety_home", Category: Housing, Goal: new(4.0),
		NameEN: "Feeling safe at home", NameFR: "Me sentir en sécurité chez moi",
		DefinitionEN: "How safe do you feel where you live?", DefinitionFR: "À quel point vous sentez-vous en sécurité là où vous vivez?",
		Options: words("Not at all", "Pas du tout", "A little", "Un peu", "Somewhat", "Moyennement", "Mostly", "Surtout", "Completely", "Tout à fait"),
	},
	{
		LibraryKey: "housing_secured", Category: Housing, Kind: Achievement,
		NameEN: "A home of my own", NameFR: "Un chez-moi",
		DefinitionEN: "Where you live now.", DefinitionFR: "Là où vous vivez maintenant.",
		Options: achieved(4, words("No home yet", "Pas encore de logement", "Staying somewhere for now", "Hébergement temporaire", "Home found, not moved in", "Logement trouvé, pas encore emménagé", "In a home of my own", "Dans mon propre logement")),
	},
}

var employment = []Metric{
	{
		LibraryKey: "hours_worked", Category: Employment, Low: new(0.0), High: new(168.0), WarnHigh: new(60.0), UnlikelyHigh: new(100.0), Decimals: 1,
		NameEN: "Hours worked", NameFR: "Heures travaillées",
		DefinitionEN: "Paid hours in the past week.", DefinitionFR: "Heures payées au cours de la dernière semaine.",
		UnitEN: "hour|hours", UnitFR: "heure|heures",
	},
	{
		LibraryKey: "work_readiness", Category: Employment, Goal: new(4.0),
		NameEN: "Ready for work", NameFR: "Être en mesure de travailler",
		DefinitionEN: "How ready do you feel to work?", DefinitionFR: "À quel point vous sentez-vous en mesure de travailler?",
		Options: confidence(),
	},
	{
		LibraryKey: "job_confidence", Category: Employment, Goal: new(4.0),
		NameEN: "Confidence in looking for work", NameFR: "Confiance dans la recherche d’emploi",
		DefinitionEN: "How confident are you that you can find work?", DefinitionFR: "À quel point vous sentez-vous capable de trouver un emploi?",
		Options: confidence(),
	},
	{
		LibraryKey: "job_placement", Category: Employment, Kind: Achievement,
		NameEN: "A job", NameFR: "Un emploi",
		DefinitionEN: "Where your search for work stands.", DefinitionFR: "Où en est votre recherche d’emploi.",
		Options: achieved(4, words("Not looking yet", "Pas encore en recherche", "Looking", "En recherche", "Interviews or training", "Entrevues ou formation", "Working, part time or casual", "En emploi, temps partiel ou occasionnel", "Working, full time", "En emploi, temps plein")),
	},
}

var youth = []Metric{
	{
		LibraryKey: "school_attendance", Category: Youth, Low: new(0.0), High: new(100.0), WarnLow: new(10.0), Goal: new(90.0), CadenceNotes: 2,
		NameEN: "School attendance", NameFR: "Présence à l’école",
		DefinitionEN: "Share of school days attended in the past month.", DefinitionFR: "Part des jours de classe où vous étiez à l’école au cours du dernier mois.",
		UnitEN: "%", UnitFR: "%",
	},
	{
		LibraryKey: "group_connection", Category: Youth, Goal: new(4.0),
		NameEN: "Connection to the group", NameFR: "Lien avec le groupe",
		DefinitionEN: "How much do you feel part of the group?", DefinitionFR: "À quel point sentez-vous que vous faites partie du groupe?",
		Options: confidence(),
	},
	{
		LibraryKey: "school_enrolment", Category: Youth, Kind: Achievement,
		NameEN: "School enrolment", NameFR: "Inscription à l’école",
		DefinitionEN: "Where you stand with school.", DefinitionFR: "Où vous en êtes avec l’école.",
		Options: achieved(3, words("Not enrolled", "Pas d’inscription", "Application sent", "Demande envoyée", "Enrolled", "Inscription faite", "Enrolled and attending", "Inscription faite, présence régulière")),
	},
}

// statement is one about how the service feels, from 1 to 4.
func statement(key, en, fr string) Metric {
	return Metric{LibraryKey: key, Category: Experience, NameEN: en, NameFR: fr, Goal: new(3.0), CadenceNotes: 6, Options: agreement()}
}

var experience = []Metric{
	statement("included_respected", "I am treated with respect here", "On me traite ici avec respect"),
	statement("included_identity", "I can be who I am here", "Je peux être qui je suis ici"),
	statement("included_say", "I have a say in what we do", "J’ai mon mot à dire sur ce que nous faisons"),
	statement("included_safe", "I feel safe here", "Je me sens en sécurité ici"),
	statement("included_belong", "I belong here", "J’ai ma place ici"),
	{
		LibraryKey: "experience_good", Category: Experience, Kind: OpenText, CadenceNotes: 6,
		NameEN: "What is good about coming here?", NameFR: "Qu’est-ce qui vous fait du bien ici?",
	},
	{
		LibraryKey: "experience_change", Category: Experience, Kind: OpenText, CadenceNotes: 6,
		NameEN: "What should we change?", NameFR: "Que devrions-nous changer?",
	},
}
