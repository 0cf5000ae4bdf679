package plan

// seeds are templates of the whole agency. What they measure is named as in the library.
var seeds = []Template{
	{
		NameEN: "A home of one’s own", NameFR: "Un chez-soi",
		Body: Body{Sections: []TemplateSection{
			{EN: "Housing", FR: "Logement", Targets: []TemplateTarget{
				{
					EN: "Find a place that feels safe", FR: "Trouver un logement où l’on se sent en sécurité",
					DescriptionEN: "What the place needs, what it may cost, who comes along to visit.",
					DescriptionFR: "Ce qu’il faut, ce que cela peut coûter, qui accompagne pour les visites.",
					Metrics:       []string{"safety_home", "housing_secured"},
				},
				{
					EN: "Fewer nights in a shelter", FR: "Moins de nuits en refuge",
					DescriptionEN: "Where to stay on a hard night, and whom to call first.",
					DescriptionFR: "Où dormir lors d’une nuit difficile, et qui appeler en premier.",
					Metrics:       []string{"shelter_nights"},
				},
			}},
			{EN: "Money", FR: "Argent", Targets: []TemplateTarget{
				{
					EN: "An income that covers rent and food", FR: "Un revenu qui couvre le loyer et l’épicerie",
					DescriptionEN: "Benefits to apply for, papers to gather, the next appointment.",
					DescriptionFR: "Les prestations à demander, les papiers à réunir, le prochain rendez-vous.",
					Metrics:       []string{"monthly_income"},
				},
			}},
		}},
	},
	{
		NameEN: "Feeling better day to day", NameFR: "Mieux vivre au quotidien",
		Body: Body{Sections: []TemplateSection{
			{EN: "Health", FR: "Santé", Targets: []TemplateTarget{
				{
					EN: "More good days than hard ones", FR: "Plus de bonnes journées que de difficiles",
					DescriptionEN: "What a good day looks like, what helps on a hard one, who to turn to.",
					DescriptionFR: "À quoi ressemble une bonne journée, ce qui aide quand c’est difficile, vers qui se tourner.",
					Metrics:       []string{"phq9", "feeling_today"},
				},
				{
					EN: "Worry takes up less room", FR: "L’inquiétude prend moins de place",
					DescriptionEN: "When it comes, what it stops, one thing to try this week.",
					DescriptionFR: "Quand elle arrive, ce qu’elle empêche, une chose à essayer cette semaine.",
					Metrics:       []string{"gad7"},
				},
			}},
			{EN: "People", FR: "Entourage", Targets: []TemplateTarget{
				{
					EN: "People to count on", FR: "Des personnes sur qui compter",
					DescriptionEN: "Who is there already, where to meet others, one small step.",
					DescriptionFR: "Qui est déjà là, où rencontrer d’autres personnes, un petit pas.",
					Metrics:       []string{"community_connections"},
				},
			}},
		}},
	},
	{
		NameEN: "School and first jobs", NameFR: "École et premiers emplois",
		Body: Body{Sections: []TemplateSection{
			{EN: "School", FR: "École", Targets: []TemplateTarget{
				{
					EN: "Be at school most days", FR: "Être à l’école la plupart des jours",
					DescriptionEN: "What makes mornings work, which classes are worth it, who knows when it gets hard.",
					DescriptionFR: "Ce qui aide le matin, quels cours en valent la peine, qui est au courant quand ça se corse.",
					Metrics:       []string{"school_attendance"},
				},
				{
					EN: "Belong to the group", FR: "Avoir sa place dans le groupe",
					DescriptionEN: "Who to sit with, what to join, what to bring.",
					DescriptionFR: "À côté de qui s’asseoir, à quoi participer, quoi apporter.",
					Metrics:       []string{"group_connection"},
				},
			}},
			{EN: "Work", FR: "Travail", Targets: []TemplateTarget{
				{
					EN: "Feel ready for a first job", FR: "Être à l’aise pour un premier emploi",
					DescriptionEN: "A résumé together, one place to ask, practice for the interview.",
					DescriptionFR: "Un CV fait ensemble, un endroit où demander, une entrevue pour s’exercer.",
					Metrics:       []string{"work_readiness", "job_placement"},
				},
			}},
		}},
	},
}
