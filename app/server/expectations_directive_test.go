package server_test

import (
	"strings"

	"github.com/google/uuid"

	"konote/app/apptest"
)

// expectationsOfDirectives are those about what participants have closed and about guarded
// whereabouts: see expectations. The agency is at tier 1, where whereabouts are not guarded.
const expectationsOfDirectives = `
GET /participants/:participant/directives · GET /participants/:participant/directives/new · GET /participants/:participant/directives/:directive/lift
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/directives · POST /participants/:participant/directives/:directive/lift
  own former                          403   422    422    403   404    404    403   403   403
  other                               403   404    404    403   422    404    422   403   403
  hidden                              403   404    404    403   404    422    404   403   403
  shared                              403   422    422    403   404    422    403   403   403
  twin                                403   422    422    403   422    404    422   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/guard · POST /participants/:participant/guard · POST /participants/:participant/guard/removal · POST /participants/:participant/guard/decision
  own former                          403   403    403    403   404    404    403   403   403
  other                               403   404    404    403   403    404    403   403   403
  hidden                              403   404    404    403   404    403    404   403   403
  shared                              403   403    403    403   404    403    403   403   403
  twin                                403   403    403    403   403    404    403   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
`

// directive fills the parameter of a route about one of a participant's directives; id is
// what the route is about otherwise.
func (w *world) directive(path string, id uuid.UUID, of *apptest.Participant) (string, uuid.UUID) {
	if !strings.Contains(path, ":directive") {
		return path, id
	}
	if id = missing; of != nil {
		id = of.Directive
	}
	return strings.Replace(path, ":directive", id.String(), 1), id
}
