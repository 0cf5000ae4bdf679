package server_test

import (
	"strings"

	"github.com/google/uuid"
)

// expectationsOfPeople are those about accounts: see expectations. The manager may see the
// colleague and somebody who also works elsewhere, and change the first alone; whoever works
// where she does not is nobody to her.
const expectationsOfPeople = `
GET /forgot
  -                                   200   200    200    200   200    200    200   200   200
POST /forgot
  -                                   422   422    422    422   422    422    422   422   422
GET /reset/:token · GET /invitation/:token · GET /connect/:token
  -                                   303   303    303    303   303    303    303   303   303
GET /reset · POST /reset · GET /invitation · POST /invitation · POST /accept-elsewhere · GET /connect · POST /connect
  -                                   410   410    410    410   410    410    410   410   410
POST /account/end-others
  -                                   303   303    303    303   303    303    303   303   303
GET /account/details
  -                                   200   200    200    200   200    200    200   200   200
POST /account/details
  -                                   422   422    422    422   422    422    422   422   422
GET /staff · POST /staff · GET /staff/invitations · GET /staff/invitations/new
  -                                   403   403    200    403   403    403    403   200   403
POST /staff/invitations
  -                                   403   403    422    403   403    403    403   422   403
GET /staff/invitations/:invitation/again
  own                                 403   403    200    403   403    403    403   200   403
  admins                              403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /staff/invitations/:invitation/revoke · POST /staff/invitations/:invitation/again
  own                                 403   403    303    403   403    403    403   303   403
  admins                              403   403    404    403   403    403    403   303   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /staff/:person
  colleague elsewhere                 403   403    200    403   403    403    403   200   403
  stranger                            403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /staff/:person/roles · GET /staff/:person/deactivate
  colleague                           403   403    200    403   403    403    403   200   403
  elsewhere                           403   403    403    403   403    403    403   200   403
  stranger                            403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /staff/:person/reactivate
  colleague                           403   403    403    403   403    403    403   303   403
  stranger                            403   403    404    403   403    403    403   303   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /staff/:person/edit · GET /staff/:person/administrator · GET /staff/:person/reset
  colleague elsewhere                 403   403    403    403   403    403    403   200   403
  stranger                            403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /staff/:person
  colleague elsewhere                 403   403    403    403   403    403    403   422   403
  stranger                            403   403    404    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /staff/:person/roles
  colleague elsewhere stranger        403   403    422    403   403    403    403   422   403
  foreign missing                     403   403    422    403   403    403    403   422   403
  broken                              403   403    404    403   403    403    403   404   403
POST /staff/:person/administrator
  colleague elsewhere                 403   403    403    403   403    403    403   303   403
  stranger                            403   403    404    403   403    403    403   303   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /staff/:person/deactivate · POST /staff/:person/reactivate · POST /staff/:person/sign-out
  spare                               403   403    404    403   403    403    403   303   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /staff/:person/reset
  spare                               403   403    404    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /settings/front-desk
  -                                   403   403    403    403   403    403    403   200   403
POST /settings/front-desk
  -                                   403   403    403    403   403    403    403   422   403
`

// account fills in whose account, or which invitation, a route is about.
func (w *world) account(path, subject string) (string, uuid.UUID) {
	c, f := w.Cedar, w.Birch
	name, ids := "person", map[string]uuid.UUID{"colleague": c.Worker.ID, "elsewhere": c.Mixed.ID, "stranger": c.Advocate.ID, "spare": w.spare, "foreign": f.Worker.ID}
	if strings.Contains(path, ":invitation") {
		name, ids = "invitation", map[string]uuid.UUID{"own": c.Invitation, "admins": c.AdminInvitation, "foreign": f.Invitation}
	}
	id, known := ids[subject]
	if !known {
		id = missing
	}
	return strings.Replace(path, ":"+name, id.String(), 1), id
}
