// Package demo invents two agencies, so that KoNote can be tried, looked at and measured
// without anybody's record: their words, services, staff, participants, a year of
// enrolments and notes. Everything was written for this project and no person is behind
// any of it. The same seed gives the same people.
//
// It fills demo agencies only; whether an agency is one is decided when it is made and
// held by the database. It writes through the features' own functions, which seal.
package demo
