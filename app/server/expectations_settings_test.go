package server_test

// expectationsOfSettings are those of settings and of access that is taken, at an agency of
// tier 1, where nobody needs to ask for it: see expectations. The grant ("own") is the
// worker's, about somebody in Housing.
const expectationsOfSettings = `
GET /participants/:participant/access · POST /participants/:participant/access
  own other hidden shared twin former gone foreign missing broken 403 403 403 403 403 403 403 403 403
GET /participants/:participant/emergency · POST /participants/:participant/emergency
  own former                          403   403    403    403   404    404    403   403   403
  other                               403   404    404    403   403    404    403   403   403
  hidden                              403   404    404    403   404    403    404   403   403
  shared                              403   403    403    403   404    403    403   403   403
  twin                                403   403    403    403   403    404    403   403   403
  gone                                403   404    404    403   404    404    404   403   403
  foreign missing broken              403   404    404    403   404    404    404   403   403
GET /account/access
  -                                   200   200    200    200   200    200    200   200   200
POST /account/access/:grant/revoke
  own                                 404   303    404    404   404    404    404   404   404
  foreign missing broken              404   404    404    404   404    404    404   404   404
GET /settings/grants
  -                                   403   403    200    403   403    403    403   200   403
GET /settings/grants/:grant
  own                                 403   403    200    403   403    403    403   200   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /settings/grants/:grant/review
  own                                 403   403    422    403   403    403    403   422   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
POST /settings/grants/:grant/revoke
  own                                 403   403    303    403   403    403    403   303   403
  foreign missing broken              403   403    404    403   403    403    403   404   403
GET /settings/grant-reasons
  -                                   403   403    403    403   403    403    403   200   403
POST /settings/grant-reasons
  -                                   403   403    403    403   403    403    403   422   403
POST /settings/grant-reasons/:reason/archive · POST /settings/grant-reasons/:reason/restore
  agency                              403   403    403    403   403    403    403   303   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
GET /settings
  -                                   403   403    200    403   403    403    403   200   403
GET /settings/access
  -                                   403   403    403    403   403    403    403   200   403
POST /settings/access
  -                                   403   403    403    403   403    403    403   422   403
`
