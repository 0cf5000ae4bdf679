package program

import (
	"strconv"

	"konote/app/view"
	"konote/app/web"
)

// decode reads what a page sent over the program as it is. A mark that cannot be
// taken away (confidential) is only ever added.
func decode(r *web.Request, from Program) (Program, view.Problems) {
	p := from
	p.NameEN = r.Value("name_en")
	p.NameFR = r.Value("name_fr")
	p.DescriptionEN = r.Value("description_en")
	p.DescriptionFR = r.Value("description_fr")
	p.ServiceModel = ServiceModel(r.Value("service_model"))
	p.Confidential = from.Confidential || r.Checked("is_confidential")
	p.Status = Active
	if r.Checked("is_archived") {
		p.Status = Archived
	}
	if p.GoalReviewDays, p.daysTyped = 0, r.Value("goal_review_days"); p.daysTyped != "" {
		if days, err := strconv.Atoi(p.daysTyped); err == nil && days >= 1 && days <= maxReviewDays {
			p.GoalReviewDays, p.daysTyped = days, ""
		}
	}
	p.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	return p, p.check()
}
