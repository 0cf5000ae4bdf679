package server_test

// expectationsOfGroups are those of alerts, groups and circles, and of a team and its caseload.
const expectationsOfGroups = `
GET /alerts
  -                                   403   200    200    403   200    200    200   403   403
GET /alerts/:alert
  own former shared twin              403   200    200    403   404    404    404   403   403
  other twin-youth                    403   404    404    403   200    404    200   403   403
  hidden shared-shelter               403   404    404    403   404    200    404   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /alerts/:alert/recommend
  own former shared twin              403   200    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   200    404    200   403   403
  hidden shared-shelter               403   404    403    403   404    200    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
POST /alerts/:alert/recommend
  own former shared twin              403   422    403    403   404    404    404   403   403
  other twin-youth                    403   404    403    403   422    404    422   403   403
  hidden shared-shelter               403   404    403    403   404    422    404   403   403
  gone                                403   404    403    403   404    404    404   403   403
  foreign missing broken              403   404    403    403   404    404    404   403   403
GET /alerts/:alert/review
  own former shared twin              403   403    303    403   403    403    403   403   403
  other hidden gone                   403   403    404    403   403    403    403   403   403
  foreign missing broken              403   403    404    403   403    403    403   403   403
POST /alerts/:alert/review · POST /alerts/:alert/end
  own former shared twin              403   403    422    403   403    403    403   403   403
  other hidden gone                   403   403    404    403   403    403    403   403   403
  foreign missing broken              403   403    404    403   403    403    403   403   403
GET /alerts/:alert/end
  own former shared twin              403   403    200    403   403    403    403   403   403
  other hidden gone                   403   403    404    403   403    403    403   403   403
  foreign missing broken              403   403    404    403   403    403    403   403   403
GET /participants/:participant/alerts/new
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /participants/:participant/alerts
  own former                          403   422    422    403   404    404    403   403   403
  other                               403   404    404    403   422    404    422   403   403
  hidden                              403   404    404    403   404    422    404   403   403
  shared                              403   422    422    403   404    422    403   403   403
  twin                                403   422    422    403   422    404    422   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403

GET /groups
  -                                   200   200    200    200   200    200    200   403   403
GET /groups/new
  -                                   403   200    200    403   200    200    200   403   403
POST /groups
  -                                   403   422    422    403   422    422    422   403   403
GET /groups/:group · GET /groups/:group/members/new · GET /groups/:group/members/:member · GET /groups/:group/sessions/new · GET /groups/:group/sessions/:session · GET /sessions/:session/edit · GET /groups/:group/attendance.csv · GET /groups/:group/steps/new · GET /steps/:step/edit
  housing                             403   200   200    403   403    404    403   403   403
  youth                               403   404    404    403   200    404    200   403   403
  shelter                             403   404    404    403   404    200    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /groups/:group/members · POST /groups/:group/members/:member · POST /groups/:group/sessions · POST /groups/:group/steps · POST /groups/:group/steps/:step
  housing                             403   422   422    403   403    404    403   403   403
  youth                               403   404    404    403   422    404    422   403   403
  shelter                             403   404    404    403   404    422    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /groups/:group/edit
  housing                             403   403    200    403   403    403    403   403   403
  youth shelter                       403   403    404    403   403    403    403   403   403
  foreign missing broken              403   403    404    403   403    403    403   403   403
POST /groups/:group
  housing                             403   403    422    403   403    403    403   403   403
  youth shelter                       403   403    404    403   403    403    403   403   403
  foreign missing broken              403   403    404    403   403    403    403   403   403
GET /groups/:group/check-in
  housing                             200   200    403    403   403    404    200   403   403
  youth                               404   404    403    403   200    404    200   403   403
  shelter                             404   404    403    403   404    200    404   403   403
  foreign missing broken              404   404    403    403   404    404    404   403   403
POST /groups/:group/check-in
  housing                             303   303    403    403   403    404    303   403   403
  youth                               404   404    403    403   303    404    303   403   403
  shelter                             404   404    403    403   404    303    404   403   403
  foreign missing broken              404   404    403    403   404    404    404   403   403
GET /groups/:group/attendance
  housing                             403   200    200    200   200    404    403   403   403
  youth                               403   404    404    200   200    404    200   403   403
  shelter                             403   404    404    404   404    200    404   403   403
  foreign missing broken              403   404    404    404   404    404    404   403   403

GET /circles · GET /circles/new
  -                                   403   200    200    403   200    200    200   403   403
POST /circles
  -                                   403   422    422    403   422    422    422   403   403
GET /circles/:circle · GET /circles/:circle/edit · GET /circles/:circle/members/new · GET /circles/:circle/members/:member
  housing                             403   200    200    403   200    200    200   403   403
  youth                               403   200    200    403   200    404    200   403   403
  shelter                             403   404    404    403   404    200    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /circles/:circle · POST /circles/:circle/members
  housing                             403   422    422    403   422    422    422   403   403
  youth                               403   422    422    403   422    404    422   403   403
  shelter                             403   404    404    403   404    422    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /circles/:circle/members/:member
  housing                             403   409    409    403   409    409    409   403   403
  youth                               403   409    409    403   409    404    409   403   403
  shelter                             403   404    404    403   404    409    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /circles/:circle/members/:member/remove
  pair                                403   409    409    403   404    404    404   403   403
  shelter                             403   404    404    403   404    303    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403

GET /team
  -                                   403   403    200    403   403    403    403   403   403
GET /caseload
  -                                   403   200    200    403   200    200    200   403   403
POST /caseload/review · POST /caseload
  -                                   403   422    422    403   422    422    422   403   403
GET /caseload/changes/:change
  own                                 403   200    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
POST /caseload/changes/:change/undo
  own                                 403   409    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
`
