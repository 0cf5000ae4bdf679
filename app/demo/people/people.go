// Package people invents participants, as many as are wanted: names as they are given
// and written in Canada, with birth dates, pronouns, telephone numbers and record ids.
// Demo agencies, generated loads and the tests of searching use it.
package people

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"konote/app/civil"
)

// A Person is someone who does not exist. Phone numbers are of the 555-01 range that is
// never assigned, e-mail addresses of example.org.
type Person struct {
	First     string
	Preferred string // "" for most
	Middle    string // "" for most
	Last      string
	Pronouns  string // "" when not told
	BirthDate civil.Date
	Phone     string // ten digits, "" for some
	Email     string // "" for some
	RecordID  string
	Language  string // "en" or "fr"
}

// Series invents one person after the other. The same seed gives the same people.
type Series struct {
	random *rand.Rand
	today  civil.Date
	count  int
	total  int // of the weights
}

// New begins a series of people who are alive on the given day.
func New(seed uint64, today civil.Date) *Series {
	p := &Series{random: rand.New(rand.NewPCG(seed, 0x6b6f6e6f7465)), today: today}
	for _, c := range cultures {
		p.total += c.weight
	}
	return p
}

// Next invents a person.
func (p *Series) Next() Person {
	p.count++
	c := p.culture()
	person := Person{Language: c.language, Last: p.last(c), RecordID: p.recordID(), BirthDate: p.birthDate()}
	woman := p.random.IntN(100) < 54
	person.First = p.first(c, woman)
	person.Pronouns = p.pronouns(c.language, woman)
	if c.shape != nil {
		c.shape(p, c, &person, woman)
	}
	if p.chance(7) && person.Preferred == "" {
		person.Preferred = p.shortName(person.First, c, woman)
	}
	if person.Preferred == person.First {
		person.Preferred = ""
	}
	if p.chance(18) && person.Middle == "" {
		person.Middle = p.first(c, woman)
	}
	if !p.chance(8) {
		person.Phone = p.phone()
	}
	if p.chance(55) {
		person.Email = fmt.Sprintf("%s%d@example.org", p.pick(mailWords), p.count)
	}
	return person
}

func (p *Series) culture() *culture {
	at := p.random.IntN(p.total)
	for i := range cultures {
		if at -= cultures[i].weight; at < 0 {
			return &cultures[i]
		}
	}
	return &cultures[0]
}

func (p *Series) chance(percent int) bool { return p.random.IntN(100) < percent }

func (p *Series) pick(list []string) string { return list[p.random.IntN(len(list))] }

// common picks like life does: the first names of a list far more often.
func (p *Series) common(list []string) string {
	return list[min(p.random.IntN(len(list)), p.random.IntN(len(list)))]
}

func (p *Series) first(c *culture, woman bool) string {
	if woman {
		return p.common(c.women)
	}
	return p.common(c.men)
}

// last is a surname of the list, or one made of pieces where the culture has any.
func (p *Series) last(c *culture) string {
	if len(c.begins) == 0 || p.chance(30) {
		return p.common(c.last)
	}
	begin := p.pick(c.begins)
	if c.long && p.chance(50) {
		begin += strings.ToLower(p.pick(c.begins))
	}
	end := p.pick(c.ends)
	if strings.HasSuffix(begin, "-") {
		first, size := utf8.DecodeRuneInString(end)
		end = string(unicode.ToUpper(first)) + end[size:]
	}
	return begin + end
}

// byGender picks from one list or the other.
func (p *Series) byGender(woman bool, women, men []string) string {
	if woman {
		return p.pick(women)
	}
	return p.pick(men)
}

func (p *Series) quebec(c *culture, person *Person, woman bool) {
	if p.chance(18) {
		person.First = p.byGender(woman, words(`Marie Anne Rose`), words(`Jean Pierre Marc Louis`)) + "-" + p.byGender(woman, c.women, c.men)
	}
	if p.chance(13) {
		person.Last += "-" + p.last(c)
	}
}

func (p *Series) english(c *culture, person *Person, woman bool) {
	if p.chance(6) {
		person.Last += "-" + p.last(c)
	}
	if p.chance(3) {
		person.First = p.byGender(woman, words(`Mary Anna Jo Lee`), words(`Billy Bobby John Lee`)) + " " + person.First
	}
}

func (p *Series) indigenous(_ *culture, person *Person, woman bool) {
	if p.chance(30) { // a name of one's own beside the one on the card
		person.Preferred = person.First
		person.First = p.byGender(woman, words(`Mary Annie Rose Lucy Jean Alice Marie Elizabeth Sarah`), words(`Joseph John Peter Thomas David Samuel Abraham`))
	}
	if p.chance(2) {
		person.Preferred, person.First, person.Last = "", p.byGender(woman, syllabicWomen, syllabicMen), p.pick(syllabicLast)
	}
	if p.chance(20) {
		person.Language = "fr"
	}
}

func (p *Series) southAsian(_ *culture, person *Person, woman bool) {
	if p.chance(25) {
		person.Middle = p.byGender(woman, words(`Kaur Kumari Devi Begum Bibi`), words(`Singh Kumar Lal`))
	}
	if p.chance(2) {
		person.First, person.Last, person.Middle = p.byGender(woman, hindiWomen, hindiMen), p.pick(hindiLast), ""
	}
}

func (p *Series) chinese(_ *culture, person *Person, woman bool) {
	switch {
	case p.chance(5):
		person.First, person.Last = p.byGender(woman, chineseWomen, chineseMen), p.pick(chineseLast)
	case p.chance(35):
		person.Preferred = p.byGender(woman, words(`Amy Jenny Grace Vivian Emily Winnie Cindy`), words(`Tony Kevin Jason Eric Raymond Sunny Edison`))
	}
}

func (p *Series) arabic(_ *culture, person *Person, woman bool) {
	if p.chance(3) {
		person.First, person.Last = p.byGender(woman, arabicWomen, arabicMen), p.pick(arabicLast)
	}
	if !woman && p.chance(15) {
		person.First = "Abd " + p.pick(words(`al-Rahman al-Karim el-Kader al-Aziz el-Malek`))
	}
	if p.chance(40) {
		person.Language = "en"
	}
}

func (p *Series) haitian(_ *culture, person *Person, _ bool) {
	if p.chance(12) {
		person.Preferred = "Ti-" + strings.Split(person.First, "-")[0]
	}
}

func (p *Series) portuguese(c *culture, person *Person, _ bool) {
	if p.chance(45) {
		person.Last = p.common(c.last) + p.pick([]string{" ", " da ", " dos ", " de ", " e "}) + person.Last
	}
}

// shortName is what somebody is called: the beginning of a first name, or another name.
func (p *Series) shortName(first string, c *culture, woman bool) string {
	letters := []rune(first)
	if len(letters) > 5 && p.chance(50) {
		return string(letters[:4])
	}
	return p.first(c, woman)
}

func (p *Series) pronouns(language string, woman bool) string {
	told := words(`he/him he/they they/them`)
	switch {
	case language == "fr" && woman:
		told = words(`elle elle/iel iel`)
	case language == "fr":
		told = words(`il il/iel iel`)
	case woman:
		told = words(`she/her she/they they/them`)
	}
	switch {
	case p.chance(30):
		return ""
	case p.chance(95):
		return told[0]
	}
	return told[1+p.random.IntN(2)]
}

// birthDate is of somebody between 3 and 93, most of them between 15 and 60.
func (p *Series) birthDate() civil.Date {
	age := 3 + (p.random.IntN(46)+p.random.IntN(46)+p.random.IntN(91))*90/180
	return p.today.AddDays(-365*age - age/4 - p.random.IntN(365))
}

var areaCodes = words(`416 647 437 613 343 705 249 807 819 873 514 438 450 579 418 581 204 431 306 639 403 587 780 604 778 250 902 506 709 867`)

// phone is a number that rings nowhere.
func (p *Series) phone() string {
	return fmt.Sprintf("%s55501%02d", p.pick(areaCodes), p.random.IntN(100))
}

func (p *Series) recordID() string {
	return fmt.Sprintf("%d-%05d", p.today.Year-p.random.IntN(9), p.count)
}

var mailWords = words(`maple river cedar tamarack lilac heron birch willow kestrel aurora juniper harbour prairie meadow`)
