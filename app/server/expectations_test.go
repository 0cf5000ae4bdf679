package server_test

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
POST /account/sign-out-everywhere · POST /account/shortcuts · POST /working-in
  -                                   303   303    303    303   303    303    303   303   303

GET /find · GET /participants
  -                                   200   200    200    403   200    200    200   403   403
POST /find/suggest
  -                                   204   204    204    403   204    204    204   403   403
POST /find
  -                                   303   303    303    403   303    303    303   403   403
GET /participants/new
  -                                   200   200    200    403   200    200    200   403   403
POST /participants
  -                                   422   422    422    403   422    422    422   403   403
POST /participants/duplicates
  -                                   200   200    200    403   200    200    200   403   403

GET /participants/:participant · GET /participants/:participant/about · GET /participants/:participant/history · GET /participants/:participant/messages/new
  own former                          200   200    200    403   404    404    200   403   403
  other                               404   404    404    403   200    404    200   403   403
  hidden                              404   404    404    403   404    200    404   403   403
  shared                              200   200    200    403   404    200    200   403   403
  twin                                200   200    200    403   200    404    200   403   403
  gone                                404   404    404    403   404    404    404   403   403
  foreign missing broken              404   404    404    403   404    404    404   403   403
GET /participants/:participant/timeline · GET /participants/:participant/contacts · GET /participants/:participant/consent
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
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
POST /participants/:participant/consent/:purpose · POST /participants/:participant/consent/:purpose/withdraw
  own former                          403   422    422    403   404    404    403   403   403
  other                               403   404    404    403   422    404    422   403   403
  hidden                              403   404    404    403   404    422    404   403   403
  shared                              403   422    422    403   404    422    403   403   403
  twin                                403   422    422    403   422    404    422   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /settings/consent-texts · GET /settings/consent-texts/:purpose
  -                                   403   403    403    403   403    403    403   200   403
POST /settings/consent-texts/:purpose
  -                                   403   403    403    403   403    403    403   422   403
GET /participants/:participant/consent/:purpose · GET /participants/:participant/consent/:purpose/withdraw · GET /participants/:participant/notes/search · GET /participants/:participant/words
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/notes/search
  own former                          403   422    422    403   404    404    403   403   403
  other                               403   404    404    403   422    404    422   403   403
  hidden                              403   404    404    403   404    422    404   403   403
  shared                              403   422    422    403   404    422    403   403   403
  twin                                403   422    422    403   422    404    422   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/enrolments · GET /participants/:participant/notes/new · GET /participants/:participant/assessments/new · GET /participants/:participant/contacts/new
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/enrolments · POST /participants/:participant/notes · POST /participants/:participant/assessments · POST /participants/:participant/contacts
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
POST /participants/:participant/enrolments/:enrolment · POST /participants/:participant/enrolments/:enrolment/worker
  own former                          403   409    409    403   404    404    403   403   403
  other                               403   404    404    403   409    404    409   403   403
  hidden                              403   404    404    403   404    409    404   403   403
  shared                              403   409    409    403   404    404    403   403   403
  shared-shelter                      403   404    404    403   404    409    404   403   403
  twin                                403   409    409    403   404    404    403   403   403
  twin-youth                          403   404    404    403   409    404    409   403   403
  gone crossed                        403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403

POST /participants/:participant/messages
  own former                          422   422    422    403   404    404    422   403   403
  other                               404   404    404    403   422    404    422   403   403
  hidden                              404   404    404    403   404    422    404   403   403
  shared                              422   422    422    403   404    422    422   403   403
  twin                                422   422    422    403   422    404    422   403   403
  gone                                404   404    404    403   404    404    404   403   403
  foreign missing broken              404   404    404    403   404    404    404   403   403
GET /messages
  -                                   403   200    200    403   200    200    200   403   403
POST /messages/:message/read · POST /messages/:message/unread · POST /messages/:message/archive · POST /notes/:note/follow-up/done
  own former shared twin              403   303    303    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   303    404    303   403   403
  hidden shared-shelter               403   404    404    403   404    303    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403

GET /notes/:note
  own former shared twin              403   200    200    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   200    404    200   403   403
  hidden shared-shelter               403   404    404    403   404    200    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /notes/:note/addenda
  own former shared twin              403   422    422    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   422    404    422   403   403
  hidden shared-shelter               403   404    404    403   404    422    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /notes/:note/follow-up · POST /notes/:note/follow-up
  own former shared twin              403   409   409    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   409    404    409   403   403
  hidden shared-shelter               403   404    404    403   404    409    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /notes/:note/in-error · GET /contacts/:contact/in-error · GET /events/:event/in-error · GET /meetings/:meeting/in-error
  own former shared twin              403   403    200    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   403    404    403   403   403
  hidden shared-shelter               403   404    404    403   404    403    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /notes/:note/in-error · POST /contacts/:contact/in-error · POST /events/:event/in-error · POST /meetings/:meeting/in-error
  own former shared twin              403   403    422    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   403    404    403   403   403
  hidden shared-shelter               403   404    404    403   404    403    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /note-templates · GET /note-templates/new
  -                                   403   403    200    403   403    403    403   200   403
POST /note-templates
  -                                   403   403    422    403   403    403    403   422   403
GET /note-templates/:headings
  agency youth                        403   403    404    403   403    403    403   200   403
  housing                             403   403    200    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /note-templates/:headings
  agency youth                        403   403    404    403   403    403    403   422   403
  housing                             403   403    422    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403

GET /metrics · GET /metrics/new · GET /metrics/import · GET /metrics/export.csv
  -                                   403   403    200    403   403    403    403   200   403
POST /metrics · POST /metrics/import · POST /metrics/import/apply
  -                                   403   403    422    403   403    403    403   422   403
POST /metrics/library · POST /event-types/library
  -                                   403   403    403    403   403    403    403   303   403
GET /metrics/:metric
  agency housing                      403   403    200    403   403    403    403   200   403
  youth shelter                       403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /metrics/:metric/edit
  agency                              403   403    404    403   403    403    403   200   403
  housing                             403   403    200    403   403    403    403   200   403
  youth shelter                       403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /metrics/:metric
  agency                              403   403    404    403   403    403    403   422   403
  housing                             403   403    422    403   403    403    403   422   403
  youth shelter                       403   403    404    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /metrics/:metric/status
  agency                              403   403    404    403   403    403    403   303   403
  housing                             403   403    303    403   403    403    403   303   403
  youth shelter                       403   403    404    403   403    403    403   303   403
  foreign missing broken              403   403    404    403   403    403    403   404   403

GET /participants/:participant/plan
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/plan/progress · GET /participants/:participant/plan/print
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/goals/new · GET /participants/:participant/plan/templates · GET /participants/:participant/plan/templates/:template
  own former                          403   200    403    403   404    404    403   403   403
  other                               403   404    403    403   200    404    200   403   403
  hidden                              403   404    403    403   404    200    404   403   403
  shared                              403   200    403    403   404    200    403   403   403
  twin                                403   200    403    403   200    404    200   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /participants/:participant/goals · POST /participants/:participant/plan/templates/:template
  own former                          403   422    403    403   404    404    403   403   403
  other                               403   404    403    403   422    404    422   403   403
  hidden                              403   404    403    403   404    422    404   403   403
  shared                              403   422    403    403   404    422    403   403   403
  twin                                403   422    403    403   422    404    422   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
GET /targets/:target · GET /targets/:target/history
  own former shared twin              403   200   200    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   200    404    200   403   403
  hidden shared-shelter               403   404    404    403   404    200    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /targets/:target/edit · GET /targets/:target/status · GET /targets/:target/judgement
  own former shared twin              403   200    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   200    404    200   403   403
  hidden shared-shelter               403   404    403    403   404    200    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /targets/:target · POST /targets/:target/up · POST /targets/:target/metrics/:metric/up · POST /targets/:target/metrics/:metric/reviewed
  own former shared twin              403   303    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   303    404    303   403   403
  hidden shared-shelter               403   404    403    403   404    303    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /targets/:target/status · POST /targets/:target/judgement
  own former shared twin              403   422    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   422    404    422   403   403
  hidden shared-shelter               403   404    403    403   404    422    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
GET /plan-sections/:section
  own former shared twin              403   200    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   200    404    200   403   403
  hidden shared-shelter               403   404    403    403   404    200    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /plan-sections/:section
  own former shared twin              403   422    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   422    404    422   403   403
  hidden shared-shelter               403   404    403    403   404    422    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /plan-sections/:section/up
  own former shared twin              403   303    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   303    404    303   403   403
  hidden shared-shelter               403   404    403    403   404    303    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
GET /plan-templates · GET /plan-templates/new
  -                                   403   403    200    403   403    403    403   200   403
POST /plan-templates
  -                                   403   403    422    403   403    403    403   422   403
GET /plan-templates/:template
  agency                              403   403    404    403   403    403    403   200   403
  housing                             403   403    200    403   403    403    403   200   403
  youth                               403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /plan-templates/:template
  agency                              403   403    404    403   403    403    403   422   403
  housing                             403   403    422    403   403    403    403   422   403
  youth                               403   403    404    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403

GET /drafts/:form/:record
  own missing broken                  404   404    404    404   404    404    404   404   404
POST /drafts/:form/:record
  own missing                         422   422    422    422   422    422    422   422   422
  broken                              404   404    404    404   404    404    404   404   404
POST /drafts/:form/:record/keep
  own former                          303   303    303    404   404    404    303   404   404
  other                               404   404    404    404   303    404    303   404   404
  hidden                              404   404    404    404   404    303    404   404   404
  shared                              303   303    303    404   404    303    303   404   404
  twin                                303   303    303    404   303    404    303   404   404
  gone                                404   404    404    404   404    404    404   404   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
POST /drafts/:form/:record/discard
  own hidden missing                  303   303    303    303   303    303    303   303   303
  broken                              404   404    404    404   404    404    404   404   404

GET /participants/:participant/events
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/meetings/new
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/meetings
  own former                          403   422    422    403   404    404    403   403   403
  other                               403   404    404    403   422    404    422   403   403
  hidden                              403   404    404    403   404    422    404   403   403
  shared                              403   422    422    403   404    422    403   403   403
  twin                                403   422    422    403   422    404    422   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /participants/:participant/events/new
  own former                          403   200    403    403   404    404    403   403   403
  other                               403   404    403    403   200    404    200   403   403
  hidden                              403   404    403    403   404    200    404   403   403
  shared                              403   200    403    403   404    200    403   403   403
  twin                                403   200    403    403   200    404    200   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /participants/:participant/events
  own former                          403   422    403    403   404    404    403   403   403
  other                               403   404    403    403   422    404    422   403   403
  hidden                              403   404    403    403   404    422    404   403   403
  shared                              403   422    403    403   404    422    403   403   403
  twin                                403   422    403    403   422    404    422   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
GET /events/:event · GET /meetings/:meeting
  own former shared twin              403   200    200    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   200    404    200   403   403
  hidden shared-shelter               403   404    404    403   404    200    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /events/:event/edit · GET /meetings/:meeting/edit
  own former shared twin              403   200    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   200    404    200   403   403
  hidden shared-shelter               403   404    403    403   404    200    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /events/:event · POST /meetings/:meeting · POST /meetings/:meeting/status
  own former shared twin              403   422    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   422    404    422   403   403
  hidden shared-shelter               403   404    403    403   404    422    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /meetings/:meeting/reminder
  own former shared twin              403   303    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   303    404    303   403   403
  hidden shared-shelter               403   404    403    403   404    303    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /events/:event/flag
  own former shared twin              403   303    303    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   303    404    303   403   403
  hidden shared-shelter               403   404    404    403   404    303    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /meetings · GET /account/calendar · POST /account/calendar
  -                                   403   200    200    403   200    200    200   403   403
POST /account/calendar/revoke
  -                                   403   303    303    403   303    303    303   403   403
GET /reminders/:token · POST /reminders/:token
  missing                             410   410    410    410   410    410    410   410   410
GET /calendar/:token
  missing                             404   404    404    404   404    404    404   404   404
GET /serious-events
  -                                   403   403    200    200   200    403    403   403   403
GET /serious-events/flags
  -                                   403   403    403    403   403    403    403   200   403
GET /serious-events/flags/:event
  own other hidden gone twin-youth    403   403    403    403   403    403    403   200   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
POST /serious-events/flags/:event
  own other hidden gone twin-youth    403   403    403    403   403    403    403   422   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
GET /event-types · GET /event-types/new
  -                                   403   403    200    403   403    403    403   200   403
POST /event-types
  -                                   403   403    422    403   403    403    403   422   403
GET /event-types/:type/edit
  housing                             403   403    200    403   403    403    403   200   403
  agency                              403   403    403    403   403    403    403   200   403
  youth                               403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /event-types/:type
  housing                             403   403    422    403   403    403    403   422   403
  agency                              403   403    403    403   403    403    403   422   403
  youth                               403   403    404    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /event-types/:type/move
  housing                             403   403    303    403   403    403    403   303   403
  agency                              403   403    403    403   403    403    403   303   403
  youth                               403   403    404    403   403    403    403   303   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /demo/mail
  -                                   200   200    200    200   200    200    200   200   200
GET /demo/mail/:message
  missing                             404   404    404    404   404    404    404   404   404

GET /programs/new
  -                                   403   403    403    403   403    403    403   200   403
POST /programs
  -                                   403   403    403    403   403    403    403   422   403
GET /programs/:program
  housing                             200   200    200    200   200    404    200   200   404
  youth                               404   404    404    200   200    404    200   200   404
  shelter                             404   404    404    404   404    200    404   200   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
GET /programs/:program/notes/search
  housing                             403   200    200    403   404    404    404   403   403
  youth                               403   404    404    403   200    404    200   403   403
  shelter                             403   404    404    403   404    200    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /programs/:program/notes/search
  housing                             403   422    422    403   404    404    404   403   403
  youth                               403   404    404    403   422    404    422   403   403
  shelter                             403   404    404    403   404    422    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /note-searches/:search
  missing broken                      403   404    404    403   404    404    404   403   403
GET /programs/:program/edit
  housing                             403   403    200    403   403    404    403   200   404
  youth                               404   404    404    403   403    404    403   200   404
  shelter                             404   404    404    404   404    403    404   200   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
POST /programs/:program
  housing                             403   403    422    403   403    404    403   422   404
  youth                               404   404    404    403   403    404    403   422   404
  shelter                             404   404    404    404   404    403    404   422   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
GET /programs/:program/team
  housing youth shelter               403   403    403    403   403    403    403   200   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
POST /programs/:program/team
  housing youth shelter               403   403    403    403   403    403    403   422   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
POST /programs/:program/team/:person/remove
  housing youth shelter               403   403    403    403   403    403    403   404   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
  spare                               403   403    403    403   403    403    403   303   403

GET /audit · GET /audit/export.csv · GET /settings/watch
  -                                   403   403    200    403   403    403    403   200   403
POST /audit/find
  -                                   403   403    200    403   403    403    403   403   403
GET /audit/:seq
  first                               403   403    404    403   403    403    403   200   403
  missing broken                      403   403    404    403   403    403    403   404   403
GET /participants/:participant/access-log
  own former shared twin              403   403    200    403   403    403    403   403   403
  other hidden gone                   403   403    404    403   403    403    403   403   403
  foreign missing broken              403   403    404    403   403    403    403   403   403
GET /settings/watch/:finding
  own                                 403   403    200    403   403    403    403   200   403
  hidden                              403   403    404    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /settings/watch/:finding
  own                                 403   403    422    403   403    403    403   422   403
  hidden                              403   403    404    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
`

// signedOut is what the routes answer that do not lead a stranger to sign-in (GET, 303)
// or refuse her (POST, 401). A session of another agency is no session.
var signedOut = map[string]int{
	"GET /sign-in": 200, "POST /sign-in": 422, "POST /sign-out": 303, "GET /session/state": 200, "GET /session": 401,
	"GET /calendar/:token": 404,
	"GET /sign-in/sso":     303, "POST /sign-in/sso": 404, "GET /sign-in/sso/callback": 400, "POST /sign-in/sso/backchannel": 400,
	"GET /demo/id/.well-known/openid-configuration": 404, "GET /demo/id/keys": 404, "GET /demo/id/authorize": 404,
	"POST /demo/id/authorize": 404, "POST /demo/id/token": 404,
	"GET /forgot": 200, "POST /forgot": 422, "GET /reset/:token": 303, "GET /reset": 410, "POST /reset": 410,
	"GET /reminders/:token": 410, "POST /reminders/:token": 410,
	"POST /accept-elsewhere": 410, "GET /invitation/:token": 303, "GET /connect/:token": 303, "GET /connect": 410, "POST /connect": 410, "GET /invitation": 410, "POST /invitation": 410,
}
