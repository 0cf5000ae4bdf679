package server_test

// expectationsOfFactors are those about second factors: see expectations. Everybody has one
// thing proved and nobody needs two here; half_test.go has the others.
const expectationsOfFactors = `
GET /sign-in/second · POST /sign-in/second · GET /account/security/app · POST /account/security/app
  -                                   303   303    303    303   303    303    303   303   303
GET /account/confirm · GET /account/security · GET /account/security/passkey · POST /account/security/passkey/ask
  -                                   200   200    200    200   200    200    200   200   200
POST /sign-in/second/ask · POST /account/confirm · POST /account/confirm/ask · POST /account/security/app/code
  -                                   422   422    422    422   422    422    422   422   422
POST /account/security/passkey · POST /account/security/codes · GET /account/security/remove · POST /account/security/remove
  -                                   422   422    422    422   422    422    422   422   422
GET /settings/sign-in
  -                                   403   403    403    403   403    403    403   200   403
POST /settings/sign-in
  -                                   403   403    403    403   403    403    403   422   403
GET /staff/:person/second-factor/reset
  spare                               403   403    403    403   403    403    403   200   403
  foreign missing broken              403   403    403    403   403    403    403   404   403
POST /staff/:person/second-factor/reset
  spare                               403   403    403    403   403    403    403   303   403
  foreign missing broken              403   403    403    403   403    403    403   404   403

GET /sign-in/sso · POST /sign-in/sso
  -                                   303   303    303    303   303    303    303   303   303
GET /sign-in/sso/callback · POST /sign-in/sso/backchannel
  -                                   400   400    400    400   400    400    400   400   400
GET /account/connected
  -                                   200   200    200    200   200    200    200   200   200
POST /account/connected · POST /account/confirm/elsewhere
  -                                   303   303    303    303   303    303    303   303   303
POST /account/connected/:identity/remove
  missing broken                      404   404    404    404   404    404    404   404   404
GET /settings/sso
  -                                   403   403    403    403   403    403    403   200   403
POST /settings/sso · POST /settings/sso/status · POST /settings/sso/groups · POST /settings/sso/unlinked
  -                                   403   403    403    403   403    403    403   422   403
POST /settings/sso/password · POST /settings/sso/try
  -                                   403   403    403    403   403    403    403   303   403
POST /settings/sso/groups/:mapping/remove · POST /settings/sso/linked/:identity/remove
  missing broken                      403   403    403    403   403    403    403   404   403
GET /demo/id/.well-known/openid-configuration · GET /demo/id/keys · GET /demo/id/authorize · POST /demo/id/authorize · POST /demo/id/token
  missing                             404   404    404    404   404    404    404   404   404
`
