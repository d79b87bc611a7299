# shellcheck shell=bash
# Sourced by the examples: who speaks, how the service is spoken to, and what must come of it. Needs `root`, the
# project's folder, and `municipality`.
#
# ELINVOIMA_URL      where the service is                      [http://127.0.0.1:8080]
# ELINVOIMA_TOKENS   a JSON file {"subject": "token", …}; without it tokens are minted by
# ELINVOIMA          the program                               [build/elinvoima]
#                    with ELINVOIMA_TOKEN_KEY_FILE             [the key ./run made]
set -euo pipefail
shopt -s inherit_errexit
# shellcheck disable=SC2154
readonly facts=$root/demo url=${ELINVOIMA_URL:-http://127.0.0.1:8080} program=${ELINVOIMA:-$root/build/elinvoima}
# shellcheck disable=SC2154
readonly at=$url/v1/$municipality
source=example-$(date +%s)-$$
today=$(TZ=Europe/Helsinki date +%F)
readonly source today

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

for tool in curl jq; do command -v $tool >/dev/null || fail "needs $tool (apt-get install $tool)"; done

# --- who speaks --------------------------------------------------------------------------------------------
# The program knows all its settings, and ours are none.
elinvoima() { env -u ELINVOIMA_URL -u ELINVOIMA_TOKENS "$program" "$@"; }

declare -A tokens

# read_token SUBJECT [OPTION…]: options of `elinvoima token` for one that is minted.
read_token() {
    local key=${ELINVOIMA_TOKEN_KEY_FILE:-}
    if [[ ${ELINVOIMA_TOKENS:-} ]]; then
        tokens[$1]=$(jq -er --arg subject "$1" '.[$subject]' "$ELINVOIMA_TOKENS") ||
            fail "no token for $1 in $ELINVOIMA_TOKENS"
        return
    fi
    if [[ ! $key ]]; then
        for key in "$root/data/token.pem" /var/lib/elinvoima/data/token.pem; do [[ -r $key ]] && break; done
    fi
    tokens[$1]=$(ELINVOIMA_TOKEN_KEY_FILE="$key" elinvoima token --subject "$1" --hours 1 "${@:2}")
}

# --- speaking ----------------------------------------------------------------------------------------------
# call SUBJECT METHOD URL [JSON [HEADER…]]: prints the answer's body and, on a last line, its status. "nobody"
# sends no token.
call() {
    local type=application/json header
    local options=(--silent --show-error --max-time 30 --request "$2" --header 'Accept-Language: en' --write-out '\n%{http_code}')
    [[ $1 == nobody ]] || options+=(--header "Authorization: Bearer ${tokens[$1]}")
    [[ $2 != PATCH ]] || type=application/merge-patch+json
    [[ ! ${4:-} ]] || options+=(--header "Content-Type: $type" --data-binary "$4")
    for header in "${@:5}"; do options+=(--header "$header"); done
    curl "${options[@]}" "$3"
}

# The same; prints the body of a success and ends the script otherwise.
api() {
    local answer
    answer=$(call "$@")
    [[ ${answer##*$'\n'} == 2* ]] || fail "$2 $3 as $1: ${answer##*$'\n'} ${answer%$'\n'*}"
    printf '%s\n' "${answer%$'\n'*}"
}

# code_of ANSWER: what a problem of `call` is called; its first fault where it has several.
code_of() { jq -r '.errors[0].code // .code' <<<"${1%$'\n'*}"; }

# refused "STATUS CODE" SUBJECT METHOD URL [JSON [HEADER…]]: a rule must say no; prints the problem.
refused() {
    local answer
    answer=$(call "${@:2}")
    expect "the refusal" "$1" "${answer##*$'\n'} $(code_of "$answer")"
    printf '%s\n' "${answer%$'\n'*}"
}

# every SUBJECT URL: all items of a list that fits one page.
every() {
    local answer
    answer=$(api "$1" GET "$2&limit=200")
    jq -ce 'if .next then error("more than one page") else .items end' <<<"$answer"
}

# put SUBJECT RESOURCE NAME JSON: creates it under our own source and prints its id.
put() {
    local answer
    answer=$(api "$1" PUT "$at/$2/by-source/$source/$3" "$4")
    jq -er .id <<<"$answer"
}

expect() { [[ $2 == "$3" ]] || fail "$1: expected $2, the service has $3"; }
expect_json() { expect "$1" "$(jq -cS . <<<"$2")" "$(jq -cS . <<<"$3")"; }

# known_of RESOURCE: {"man-p05": "our id", …} of what the demo has loaded.
known_of() {
    local items
    items=$(every nobody "$at/$1?fields=id,source,external_id")
    jq -ce '[.[] | select(.source == "demo") | {(.external_id): .id}] | add' <<<"$items"
}

# decision NAME BODY: a decision of today by the demo's body BODY, in the words of the demo's; prints its id.
decision() {
    local body id
    # shellcheck disable=SC2154
    body=$(jq -c --arg name "$1" --arg today "$today" --arg body "$(jq -r ".\"$2\"" <<<"$bodies")" '
        .[] | select(.external_id == $name) | {title, decision, outcome, meeting_on: $today, body_id: $body}' \
        "$facts/decisions.json")
    id=$(put demo-secretary decisions "$1" "$body")
    api demo-secretary POST "$at/decisions/$id/publish" >/dev/null
    printf '%s\n' "$id"
}
