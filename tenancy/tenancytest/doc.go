// Package tenancytest gives tests a real platform: a private Postgres and Redis, begun
// by the first test of a process that asks and ended with the process, and in it fresh
// agencies, migrated and open.
//
// KONOTE_TEST_POSTGRES_URL (a superuser's address) and KONOTE_TEST_REDIS_URL name
// servers to use instead. Roles get passwords there, and databases named konote_test_
// and a random word are left behind.
package tenancytest
