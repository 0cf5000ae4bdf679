// Package command holds the commands of the konote binary, one file for each. They
// are for operators: they run on the platform's own machines with its secrets, and
// what they do is in the audit log under the operator's system account.
//
// Exit codes: 0 done; 1 it did not work; 2 the command was called wrongly; 3 a check
// found something wrong.
package command
