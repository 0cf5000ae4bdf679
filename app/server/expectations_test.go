package server_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// expectations say what every route answers to everybody, written by hand from what the
// product promises (docs/permissions.md) and not from the code that keeps the promise.
// A line names routes that answer alike; the lines below it say about whom or what, and
// the status for each account, in this order:
//
//	front desk, direct service and manager in Housing; executive everywhere; executive in
//	Housing with direct service in Youth; direct service in Shelter (confidential); front
//	desk in Housing with direct service in Youth; administrator; no role at all
//
// Forms are sent empty but for their token: 422 says that the form was looked at, 409
// that it was made from no version that exists.
const expectations = `
                                     front worker manager exec mixed advocate both admin nobody
GET /sign-in
  -                                   303   303    303    303   303    303    303   303   303
POST /sign-in
  -                                   422   422    422    422   422    422    422   422   422
POST /sign-out
  -                                   303   303    303    303   303    303    303   303   303
GET / · GET /account · GET /account/password · GET /programs · GET /session/state
  -                                   200   200    200    200   200    200    200   200   200
GET /session
  -                                   401   401    401    401   401    401    401   401   401
POST /session/extend
  -                                   204   204    204    204   204    204    204   204   204
POST /account/language · POST /account/password
  -                                   422   422    422    422   422    422    422   422   422
POST /account/sign-out-everywhere · POST /account/shortcuts
  -                                   303   303    303    303   303    303    303   303   303

GET /find · GET /participants
  -                                   200   200    200    403   200    200    200   403   403
GET /find/suggest
  -                                   204   204    204    403   204    204    204   403   403
GET /participants/new
  -                                   200   200    200    403   200    200    200   403   403
POST /participants
  -                                   422   422    422    403   422    422    422   403   403
POST /participants/duplicates
  -                                   200   200    200    403   200    200    200   403   403

GET /participants/:participant · GET /participants/:participant/about · GET /participants/:participant/history
  own former                          200   200    200    403   404    404    200   403   403
  other                               404   404    404    403   200    404    200   403   403
  hidden                              404   404    404    403   404    200    404   403   403
  shared                              200   200    200    403   404    200    200   403   403
  twin                                200   200    200    403   200    404    200   403   403
  gone                                404   404    404    403   404    404    404   403   403
  foreign missing broken              404   404    404    403   404    404    404   403   403
GET /participants/:participant/timeline
  own former                          403   200    200    403   404    404    200   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    200   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/edit
  own former                          200   200    200    403   404    404    200   403   403
  other                               404   404    404    403   200    404    200   403   403
  hidden                              404   404    404    403   404    200    404   403   403
  shared                              200   200    200    403   404    200    200   403   403
  twin                                200   200    200    403   200    404    200   403   403
  gone                                404   404    404    403   404    404    404   403   403
  foreign missing broken              404   404    404    403   404    404    404   403   403
POST /participants/:participant
  own former                          303   303    303    403   404    404    303   403   403
  other                               404   404    404    403   303    404    303   403   403
  hidden                              404   404    404    403   404    303    404   403   403
  shared                              303   303    303    403   404    303    303   403   403
  twin                                303   303    303    403   303    404    303   403   403
  gone                                404   404    404    403   404    404    404   403   403
  foreign missing broken              404   404    404    403   404    404    404   403   403
GET /participants/:participant/enrolments · GET /participants/:participant/notes/new
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/enrolments · POST /participants/:participant/notes
  own former                          403   422    422    403   404    404    403   403   403
  other                               403   404    404    403   422    404    422   403   403
  hidden                              403   404    404    403   404    422    404   403   403
  shared                              403   422    422    403   404    422    403   403   403
  twin                                403   422    422    403   422    404    422   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/notes/same-day
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/enrolments/:enrolment
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    404    403   403   403
  shared-shelter                      403   404    404    403   404    200    404   403   403
  twin                                403   200    200    403   404    404    403   403   403
  twin-youth                          403   404    404    403   200    404    200   403   403
  gone crossed                        403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/enrolments/:enrolment
  own former                          403   409    409    403   404    404    403   403   403
  other                               403   404    404    403   409    404    409   403   403
  hidden                              403   404    404    403   404    409    404   403   403
  shared                              403   409    409    403   404    404    403   403   403
  shared-shelter                      403   404    404    403   404    409    404   403   403
  twin                                403   409    409    403   404    404    403   403   403
  twin-youth                          403   404    404    403   409    404    409   403   403
  gone crossed                        403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403

GET /notes/:note
  own former shared twin              403   200    200    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   200    404    200   403   403
  hidden shared-shelter               403   404    404    403   404    200    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403

GET /programs/new
  -                                   403   403    403    403   403    403    403   200   403
POST /programs
  -                                   403   403    403    403   403    403    403   422   403
GET /programs/:program
  housing                             200   200    200    200   200    404    200   200   404
  youth                               404   404    404    200   200    404    200   200   404
  shelter                             404   404    404    200   404    200    404   200   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
GET /programs/:program/edit
  housing                             404   404    200    404   404    404    404   200   404
  youth shelter                       404   404    404    404   404    404    404   200   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
POST /programs/:program
  housing                             404   404    422    404   404    404    404   422   404
  youth shelter                       404   404    404    404   404    404    404   422   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
POST /programs/:program/team
  housing youth shelter               403   403    403    403   403    403    403   422   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
POST /programs/:program/team/:person/remove
  housing youth shelter               403   403    403    403   403    403    403   404   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
  spare                               403   403    403    403   403    403    403   303   403

GET /audit · GET /audit/export.csv
  -                                   403   403    403    403   403    403    403   200   403
GET /audit/:seq
  first                               403   403    403    403   403    403    403   200   403
  missing broken                      403   403    403    403   403    403    403   404   403
`

// signedOut is what the routes answer that do not lead a stranger to sign-in (GET, 303)
// or refuse her (POST, 401). A session of another agency is no session.
var signedOut = map[string]int{
	"GET /sign-in": 200, "POST /sign-in": 422, "POST /sign-out": 303, "GET /session/state": 200, "GET /session": 401,
}

// expected is the table, read: by route, subject and account.
type expected map[string]map[string]map[string]int

func readExpectations(t *testing.T) (expected, []string) {
	t.Helper()
	table := expected{}
	var accounts, routes []string
	for number, line := range strings.Split(expectations, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case accounts == nil:
			accounts = fields
		case !strings.HasPrefix(line, " "):
			routes = strings.Split(line, " · ")
			for _, route := range routes {
				if table[route] != nil {
					t.Fatalf("the table has %s twice", route)
				}
				table[route] = map[string]map[string]int{}
			}
		default:
			if err := table.add(routes, accounts, fields); err != nil {
				t.Fatalf("line %d of the table: %v", number, err)
			}
		}
	}
	return table, accounts
}

func (e expected) add(routes, accounts, fields []string) error {
	split := len(fields) - len(accounts)
	if split < 1 {
		return fmt.Errorf("%d statuses for %d accounts", len(fields), len(accounts))
	}
	statuses := map[string]int{}
	for i, text := range fields[split:] {
		status, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		statuses[accounts[i]] = status
	}
	for _, route := range routes {
		for _, subject := range fields[:split] {
			if e[route][subject] != nil {
				return fmt.Errorf("%s has %s twice", route, subject)
			}
			e[route][subject] = statuses
		}
	}
	return nil
}
