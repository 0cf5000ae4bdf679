package tenancy

// Null is a value for a column that may be NULL: nil for the zero value.
func Null[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// Zero is the value of a column that may be NULL: the zero value for NULL.
func Zero[T any](value *T) T {
	if value == nil {
		var zero T
		return zero
	}
	return *value
}
