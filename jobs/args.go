package jobs

import (
	"fmt"
	"reflect"
	"regexp"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Args are what a job is told: a struct of fields of the types uuid.UUID,
// []uuid.UUID, bool, whole numbers, time.Time, [Enum], and structs of these. Kind
// names the job for ever, as noun.verb: export.release.
type Args interface{ Kind() string }

// Enum is a string type with a closed list of values. Valid must be false for every
// other text: it is what keeps free text out of the job table.
type Enum interface{ Valid() bool }

var (
	kindPattern = regexp.MustCompile(`^[a-z][a-z_]*\.[a-z][a-z_]*$`)
	uuidType    = reflect.TypeFor[uuid.UUID]()
	timeType    = reflect.TypeFor[time.Time]()
	enumType    = reflect.TypeFor[Enum]()
	checked     sync.Map // reflect.Type → error, nil for a good one
)

// checkArgs says why args may not be stored.
func checkArgs(args Args) error {
	if err := checkShape(args); err != nil {
		return err
	}
	if !enumsValid(reflect.ValueOf(args)) {
		return fmt.Errorf("jobs: arguments of %s: a value is not on its list", args.Kind())
	}
	return nil
}

// checkShape looks at the kind and the type, whatever the values are.
func checkShape(args Args) error {
	t := reflect.TypeOf(args)
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("jobs: arguments are a struct, not %T", args)
	}
	if !kindPattern.MatchString(args.Kind()) {
		return fmt.Errorf("jobs: %q is not the name of a kind", args.Kind())
	}
	if err := checkType(t); err != nil {
		return fmt.Errorf("jobs: arguments of %s: %w", args.Kind(), err)
	}
	return nil
}

func checkType(t reflect.Type) error {
	if err, ok := checked.Load(t); ok {
		err, _ := err.(error)
		return err
	}
	err := checkFields(t)
	checked.Store(t, err)
	return err
}

func checkFields(t reflect.Type) error {
	for i := range t.NumField() {
		field := t.Field(i)
		if !field.IsExported() {
			return fmt.Errorf("field %s would be lost", field.Name)
		}
		if err := checkField(field.Type); err != nil {
			return fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	return nil
}

func checkField(t reflect.Type) error {
	switch {
	case t == uuidType, t == timeType:
		return nil
	case t.Kind() == reflect.Slice && t.Elem() == uuidType:
		return nil
	case t.Kind() == reflect.String && t.Implements(enumType):
		return nil
	}
	switch t.Kind() {
	case reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Struct:
		return checkFields(t)
	}
	return fmt.Errorf("%s could carry content", t)
}

func enumsValid(v reflect.Value) bool {
	if v.Type() == timeType {
		return true
	}
	if enum, ok := v.Interface().(Enum); ok {
		return enum.Valid()
	}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if !enumsValid(v.Field(i)) {
				return false
			}
		}
	}
	return true
}
