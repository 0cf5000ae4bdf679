package azurevault

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"konote/keyring"
)

// explain sorts an error of the SDK into ErrNoKey and ErrProvider, in one line: the
// SDK's own texts run over a page and quote whole answers.
func explain(doing string, err error) error {
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		kind := keyring.ErrProvider
		switch answer.StatusCode {
		case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict:
			kind = keyring.ErrNoKey
		}
		return fmt.Errorf("%s: %w: the vault answered %d %s", doing, kind, answer.StatusCode, reason(answer))
	}
	if refused, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		if refused.RawResponse != nil {
			return fmt.Errorf("%s: %w: sign-in failed with status %d", doing, keyring.ErrProvider, refused.RawResponse.StatusCode)
		}
		return fmt.Errorf("%s: %w: sign-in failed", doing, keyring.ErrProvider)
	}
	return fmt.Errorf("%s: %w: %w", doing, keyring.ErrProvider, err)
}

// reason is the vault's code for what went wrong, with the inner one that tells a
// disabled key from a missing right: "Forbidden KeyDisabled".
func reason(answer *azcore.ResponseError) string {
	var body struct {
		Error struct {
			Inner struct {
				Code string `json:"code"`
			} `json:"innererror"`
		} `json:"error"`
	}
	payload, err := runtime.Payload(answer.RawResponse)
	if err != nil || json.Unmarshal(payload, &body) != nil || body.Error.Inner.Code == "" {
		return answer.ErrorCode
	}
	return answer.ErrorCode + " " + body.Error.Inner.Code
}
