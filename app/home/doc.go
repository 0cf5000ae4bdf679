// Package home is the first page after sign-in. It answers one question by role:
//
//	direct service   what needs me today? today's notes, follow-ups and measures due, recent people
//	front desk       who is here? recent people and the search field
//	manager          where is attention needed? each program with counts, people
//	                 nobody has written about for a while, and the way to her team
//	executive        is it used? few figures of the programs, no individuals
//	administrator    what is there to look after? programs, accounts, the audit log
//
// Everybody sees first what she has begun to type and not saved.
//
// Who has several roles sees the parts of each, in this order. Nothing is shown of a
// program in which the person has no role, and nothing of a person whom the role does
// not reach: each statement is limited by the programs that access names.
package home
