package view

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pairs are all combinations of colours that stand on each other, with the contrast
// that each needs: 7 for what is read, 4.5 for words beside a shape, 3 for lines.
var pairs = []struct {
	front, back string
	least       float64
}{
	{"ink", "paper", 13}, {"ink", "surface", 13}, {"ink", "hover", 7},
	{"ink", "primary-tint", 7}, {"ink", "success-tint", 7}, {"ink", "info-tint", 7}, {"ink", "danger-tint", 7}, {"ink", "warm-tint", 7},
	{"quiet", "paper", 6}, {"quiet", "surface", 6}, {"quiet", "hover", 4.5}, {"quiet", "primary-tint", 4.5}, {"quiet", "warm-tint", 4.5},
	{"quiet", "info-tint", 4.5}, {"quiet", "success-tint", 4.5}, {"quiet", "danger-tint", 4.5},
	{"warm-ink", "warm-tint", 7}, {"warm", "warm-tint", 4.5}, {"warm", "surface", 3},
	{"primary", "paper", 4.5}, {"primary", "surface", 4.5}, {"primary", "hover", 4.5}, {"primary", "primary-tint", 4.5},
	{"primary", "info-tint", 4.5}, {"primary", "warm-tint", 4.5}, {"primary", "danger-tint", 4.5}, {"primary", "success-tint", 4.5},
	{"primary-hover", "paper", 7}, {"primary-hover", "surface", 7}, {"primary-hover", "primary-tint", 7},
	{"on-primary", "primary", 4.5}, {"on-primary", "primary-hover", 7},
	{"danger", "paper", 4.5}, {"danger", "surface", 4.5}, {"danger", "danger-tint", 4.5}, {"on-danger", "danger", 4.5},
	{"success", "success-tint", 4.5}, {"info", "info-tint", 4.5},
	{"line", "paper", 3}, {"line", "surface", 3}, {"line", "hover", 3},
	{"focus", "paper", 3}, {"focus", "surface", 3}, {"focus", "hover", 3}, {"focus", "warm-tint", 3}, {"focus", "danger-tint", 3},
	{"focus", "primary-tint", 3}, {"focus", "info-tint", 3}, {"focus", "success-tint", 3},
}

func TestEveryPairOfColoursHasItsContrast(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("assets/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(text), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("tokens.css has no dark colours")
	}
	for theme, block := range map[string]string{"light": light, "dark": dark} {
		colours := parseColours(block)
		for _, pair := range pairs {
			front, ok := colours[pair.front]
			back, ok2 := colours[pair.back]
			if !ok || !ok2 {
				t.Errorf("%s: --%s or --%s is no colour", theme, pair.front, pair.back)
				continue
			}
			if got := contrast(front, back); got < pair.least {
				t.Errorf("%s: --%s on --%s: got %.2f, want at least %.1f", theme, pair.front, pair.back, got, pair.least)
			}
		}
	}
}

func parseColours(block string) map[string][3]float64 {
	colours := map[string][3]float64{}
	for _, match := range regexp.MustCompile(`--([a-z-]+):\s*#([0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
		n, _ := strconv.ParseUint(match[2], 16, 32)
		colours[match[1]] = [3]float64{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}
	}
	return colours
}

// contrast is the ratio of WCAG 2.
func contrast(a, b [3]float64) float64 {
	bright, dim := luminance(a), luminance(b)
	if bright < dim {
		bright, dim = dim, bright
	}
	return (bright + 0.05) / (dim + 0.05)
}

func luminance(c [3]float64) float64 {
	var linear [3]float64
	for i, v := range c {
		if v <= 0.04045 {
			linear[i] = v / 12.92
		} else {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}
