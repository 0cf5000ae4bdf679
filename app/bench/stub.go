package main
import "context"
func signIn(ctx context.Context, b *bench) ([]row, error) {return nil,nil}
func fair(ctx context.Context, b *bench) ([]row, error) {return nil,nil}
func search(ctx context.Context, b *bench) ([]row, error) {return nil,nil}
func agencies(ctx context.Context, b *bench) ([]row, error) {return nil,nil}
