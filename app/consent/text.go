package consent

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
)

// Words are one version of what people agree to, in both languages. A version is never
// changed: what somebody agreed to must stay what she was shown.
type Words struct {
	ID        uuid.UUID `db:"id" json:"-"`
	Purpose   Purpose   `db:"purpose" json:"purpose"`
	Version   int       `db:"version" json:"version"`
	EN        string    `db:"text_en" json:"text_en"`
	FR        string    `db:"text_fr" json:"text_fr"`
	CreatedAt time.Time `db:"created_at" json:"-"`
}

// In is the text in a language.
func (w Words) In(language string) string {
	if language == "fr" {
		return w.FR
	}
	return w.EN
}

func (w Words) check() view.Problems {
	var problems view.Problems
	for _, text := range []struct{ name, text string }{{"text_en", w.EN}, {"text_fr", w.FR}} {
		switch {
		case strings.TrimSpace(text.text) == "":
			problems.Add(text.name, i18n.ConsentTextWanted)
		case utf8.RuneCountInString(text.text) > maxText:
			problems.Add(text.name, i18n.FormTooLong(maxText))
		}
	}
	return problems
}

// seeds are the first versions, to be made an agency's own.
var seeds = []Words{
	{
		Purpose: Service,
		EN: `What we write down
To work with you, we keep a record: how to reach you, what you want to work on, what you tell us, what we do together and how it goes. You choose what you tell us.

Why
So that the people who work with you remember what matters to you, and you do not have to tell your story again and again. We also count what we do, without names, to show those who fund us that it helps.

Who sees it
The people who work with you in the programs you are in, and their managers when they need to. Everybody who opens your record leaves a trace, and you can ask who has. We tell others only if you agree, if the law makes us, or if somebody could be badly hurt.

Your choices
You can read your record and ask us to correct it. You can close parts of it to certain people. You can say no to parts of this and still get help where that is possible.

If you change your mind
You can take your consent back at any time, in any way you like: tell us, call, or write. From then on we write nothing more. What is already there is kept as long as the law asks, and then removed. Nobody will hold it against you.`,
		FR: `Ce que nous consignons
Pour travailler avec vous, nous tenons un dossier : comment vous joindre, ce que vous voulez accomplir, ce que vous nous dites, ce que nous faisons ensemble et ce qui en ressort. Vous choisissez ce que vous nous dites.

Pourquoi
Pour que les personnes qui travaillent avec vous se souviennent de ce qui compte pour vous, et que vous n’ayez pas à raconter votre histoire chaque fois. Nous comptons aussi ce que nous faisons, sans aucun nom, pour montrer à nos bailleurs de fonds que cela aide.

Qui peut le lire
Les personnes qui travaillent avec vous dans les programmes où vous êtes, et leurs gestionnaires au besoin. Chaque consultation laisse une trace, et vous pouvez demander qui a ouvert votre dossier. Nous n’en parlons à d’autres que si vous l’acceptez, si la loi l’exige ou si quelqu’un risque d’être gravement blessé.

Vos choix
Vous pouvez lire votre dossier et demander des corrections. Vous pouvez en fermer des parties à certaines personnes. Vous pouvez refuser certains points et recevoir quand même de l’aide, lorsque c’est possible.

Si vous changez d’avis
Vous pouvez retirer votre consentement en tout temps, comme vous voulez : de vive voix, par téléphone ou par écrit. À partir de ce moment, nous n’écrivons plus rien. Ce qui est déjà au dossier est conservé le temps que la loi exige, puis supprimé. Personne ne vous en tiendra rigueur.`,
	},
	{
		Purpose: Sharing,
		EN: `What it is about
You are in more than one of our programs, or may be one day. Each of them keeps its own notes and plan. If you agree, people who work with you in one program and also work in another one can read both together.

Why
So that you do not have to say the same thing twice, and those who help you know what the others do.

Who sees it
Only people who work in those programs. Nothing goes outside of our agency through this.

Your choices
You can say yes or no, and your help does not depend on it. You can tell us of something that one program should keep to itself.

If you change your mind
Tell us, call or write, at any time. From then on the records of your programs are kept apart.`,
		FR: `De quoi il s’agit
Vous participez à plus d’un de nos programmes, ou cela pourrait arriver. Chacun tient ses notes et son plan. Si vous l’acceptez, les personnes qui travaillent avec vous dans un programme et qui travaillent aussi dans un autre peuvent lire les deux ensemble.

Pourquoi
Pour que vous n’ayez pas à dire deux fois la même chose, et que les personnes qui vous aident sachent ce que font les autres.

Qui peut le lire
Seulement les personnes qui travaillent dans ces programmes. Rien ne sort de notre organisme pour autant.

Vos choix
Vous pouvez dire oui ou non, et l’aide que vous recevez n’en dépend pas. Vous pouvez nous indiquer ce qu’un programme devrait garder pour lui.

Si vous changez d’avis
Dites-le-nous, appelez ou écrivez, en tout temps. À partir de ce moment, les dossiers de vos programmes sont tenus séparément.`,
	},
	{
		Purpose: Email,
		EN: `What we send
Short e-mails, such as a reminder of a meeting with its day and time. They do not say what the meeting is about, and they do not say your name.

What to think of
Other people may read your e-mail: somebody who shares your phone or computer, or knows your password. Tell us an address that is safe for you.

Your choices
You can say no and still get all our help. You can stop these e-mails at any time: tell us, call or write.`,
		FR: `Ce que nous envoyons
De courts courriels, comme le rappel d’un rendez-vous avec le jour et l’heure. Ils ne disent pas de quoi il s’agit et ne contiennent pas votre nom.

À quoi penser
D’autres personnes peuvent lire vos courriels : quelqu’un qui utilise le même téléphone ou le même ordinateur, ou qui connaît votre mot de passe. Donnez-nous une adresse qui est sûre pour vous.

Vos choix
Vous pouvez refuser et recevoir toute notre aide quand même. Vous pouvez faire cesser ces courriels en tout temps : dites-le-nous, appelez ou écrivez.`,
	},
	{
		Purpose: Text,
		EN: `What we send
Short text messages, such as a reminder of a meeting with its day and time. They do not say what the meeting is about, and they do not say your name.

What to think of
Text messages may show on a locked phone, and other people may read them. Tell us a number that is safe for you. Your phone company may charge you.

Your choices
You can say no and still get all our help. You can stop these messages at any time: tell us, call or write.`,
		FR: `Ce que nous envoyons
De courts messages texte, comme le rappel d’un rendez-vous avec le jour et l’heure. Ils ne disent pas de quoi il s’agit et ne contiennent pas votre nom.

À quoi penser
Les messages texte peuvent s’afficher sur un téléphone verrouillé, et d’autres personnes peuvent les lire. Donnez-nous un numéro qui est sûr pour vous. Votre fournisseur peut vous facturer des frais.

Vos choix
Vous pouvez refuser et recevoir toute notre aide quand même. Vous pouvez faire cesser ces messages en tout temps : dites-le-nous, appelez ou écrivez.`,
	},
}
