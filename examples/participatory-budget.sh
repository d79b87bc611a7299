#!/bin/bash
# A whole cycle of participatory budgeting by curl alone: Seinäjoki decides 200 000 € for five areas, residents send
# 27 ideas, officials evaluate them, 2 480 residents vote, the votes are counted and recounted, the committee
# confirms and the projects begin. On the way: a receipt that is verified offline, and each area's ballots as a
# file that anybody counts again.
#
# It makes a cycle of its own in 743 each time, beside the demo's. What every step must give is read from
# demo/budget_cycles.json, proposals.json and ballots.json, never from the service; one difference ends it with 1.
#
#   examples/participatory-budget.sh      against ./run on this machine; examples/speak.sh says how otherwise
#
# No clock is set here: the rules of this cycle allow phases of a day, ideas end some seconds after they were
# opened, and so does the vote.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
readonly root municipality=743 real=sei-pb-2025-2026
# shellcheck source=examples/speak.sh
. "$root/examples/speak.sh"
readonly idea_seconds=6 vote_seconds=12 lists=8
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

while read -r subject; do read_token "$subject"; done < <(jq -r '.[].subject' "$facts/grants.json")
# a resident of 12 years, as an identity provider would name her; residents without a token are "nobody"
read_token demo-resident --claim birthdate=2013-05-06 --claim municipality=743

# --- the facts ---------------------------------------------------------------------------------------------
of_cycle() { jq -c ".[] | select(.external_id == \"$real\") | $1" "$facts/budget_cycles.json"; }
of_proposals() { jq -c ".[] | select(.budget_cycle_id == \"$real\") | $1" "$facts/proposals.json"; }

# ids NAMES JSON: the array of external ids as ours.
ids() { jq -c --argjson ids "$1" 'map($ids[.])' <<<"$2"; }
later() { date -ud "+$1 seconds" +%FT%TZ; }

# --- the cycle ---------------------------------------------------------------------------------------------
# move SUBJECT VERB [JSON]: of the cycle.
move() { api "$1" POST "$at/budget-cycles/$cycle/$2" "${3:-}" >/dev/null; }

# change JSON: of the cycle; If-Match says which version we have seen.
change() {
    local version
    version=$(api demo-coordinator GET "$at/budget-cycles/$cycle" | jq -er .version)
    api demo-coordinator PATCH "$at/budget-cycles/$cycle" "$1" "If-Match: \"$version\"" >/dev/null
}

# calendar: ideas end some seconds from now, and the vote can be opened from then on.
calendar() {
    local ends_at
    ends_at=$(later $idea_seconds)
    printf '{"ideas_end_at": "%s", "voting_starts_at": "%s", "voting_ends_at": "%s"}' \
        "$ends_at" "$ends_at" "$(date -ud "$ends_at + $vote_seconds seconds" +%FT%TZ)"
}

# keep_open MEMBER SECONDS JSON: a phase may be lengthened, never shortened.
keep_open() {
    local ends_at
    ends_at=$(api nobody GET "$at/budget-cycles/$cycle" | jq -er ".$1")
    [[ $(date -ud "$ends_at" +%s) -ge $(date -ud "$(later "$2")" +%s) ]] || change "$3"
}

keep_ideas_open() { keep_open ideas_end_at $idea_seconds "$(calendar)"; }
keep_vote_open() { keep_open voting_ends_at $vote_seconds "{\"voting_ends_at\": \"$(later $vote_seconds)\"}"; }

# move_when_over SUBJECT VERB STATUS [JSON]: as soon as the service says that the phase is over. Where a worker runs, it may
# have made the move.
move_when_over() {
    local answer status
    while :; do
        answer=$(call "$1" POST "$at/budget-cycles/$cycle/$2" "${4:-}")
        [[ ${answer##*$'\n'} != 200 ]] || return 0
        status=$(api nobody GET "$at/budget-cycles/$cycle" | jq -r .status)
        [[ $status != "$3" ]] || return 0
        expect "the answer to $2 while the phase is open" phase_open "$(code_of "$answer")"
        sleep 0.5
    done
}

say "1. The decision: what $url has of 743, and a new cycle of ours ($source)"
bodies=$(known_of bodies)
areas=$(known_of areas)
parties=$(known_of responsible-parties)
body=$(of_cycle . | jq -c --argjson bodies "$bodies" --argjson areas "$areas" --arg source "$source" \
    --arg now "$(later 0)" --argjson calendar "$(calendar)" '
    {name: (.name | map_values(. + " (" + $source + ")")), start_year, end_year, theme, appropriation_cents,
     shares: [.shares[] | .area_id |= $areas[.]], rules: (.rules + {phase_days_least: 1}), criteria,
     confirming_body_id: $bodies[.confirming_body_id], ideas_start_at: $now} + $calendar')
cycle=$(put demo-coordinator budget-cycles cycle "$body")
refused "409 decision_missing" demo-coordinator POST "$at/budget-cycles/$cycle/open-ideas" >/dev/null
say "   ideas cannot be opened without a decision of this cycle"
model=$(decision dec-sei-pb25-model sei-vitality-committee)
change "{\"decision_id\": \"$model\"}"
change "$(calendar)"
move demo-coordinator open-ideas
say "   $(jq -r '"\(.appropriation_cents / 100) € in \(.shares | length) areas"' <<<"$body"), ideas are open"

say "2. Ideas: residents send them, employees enter those of people met at an idea clinic, a moderator publishes"
# three words and a line for each: its name, who sends it, how it ends, and what is sent
while read -r name sender status && read -r body; do
    answer=$(api "$sender" POST "$at/proposals" "$body" "Idempotency-Key: $source-$name")
    jq -c --arg name "$name" '{name: $name, id, number}' <<<"$answer" >>"$work/sent"
    id=$(jq -er .id <<<"$answer")
    answer=$(call nobody GET "$at/proposals/$id")
    expect "an idea nobody has read yet, for the public" 404 "${answer##*$'\n'}"
    api demo-moderator POST "$at/proposals/$id/publish" >/dev/null
    [[ $status != withdrawn ]] || api "$sender" POST "$at/proposals/$id/withdraw" >/dev/null
    (($(grep -c . "$work/sent") % 3)) || keep_ideas_open
done < <(of_proposals . | jq -r --argjson areas "$areas" --arg cycle "$cycle" --arg source "$source" '
    (if .channel == "staff" then "demo-coordinator" elif .status == "withdrawn" then "demo-resident" else "nobody" end) as $sender
    | "\(.external_id) \($sender) \(.status)",
      ({budget_cycle_id: $cycle, area_id: $areas[.area_id], title, description, channel, authors, source: $source, external_id}
       + (if .latitude then {latitude, longitude} else {} end) | tojson)')
proposals=$(jq -cs 'map({(.name): .id}) | add' "$work/sent")          # external id → our id
numbers=$(jq -cs 'map({"\(.number)": .name}) | add' "$work/sent")     # number on the ballot → external id
expect "ideas" "$(of_cycle .statistics.ideas)" "$(jq length <<<"$proposals")"
say "   $(jq length <<<"$proposals") ideas came, $(of_proposals 'select(.channel == "staff")' | grep -c .) of them at the clinic, one was withdrawn by its author"
move_when_over demo-coordinator develop development
refused "409 phase_closed" nobody POST "$at/proposals" "$(jq -c 'del(.source, .external_id)' <<<"$body")" >/dev/null
say "   an idea that comes later is refused"

# of_proposal NAME PATH: where to post it.
of_proposal() { printf '%s/proposals/%s/%s' "$at" "$(jq -r ".\"$1\"" <<<"$proposals")" "$2"; }

say "3. Evaluation: cost, feasibility and a public reason for each"
while read -r name code && read -r body; do
    api demo-evaluator POST "$(of_proposal "$name" take-up)" >/dev/null
    if [[ $code == over_area_budget ]]; then
        refused "422 over_area_budget" demo-evaluator POST "$(of_proposal "$name" evaluate)" \
            "$(jq -c '.result = "feasible" | del(.refusal_code)' <<<"$body")" >/dev/null
        say "   what costs more than its area has cannot be found feasible"
    fi
    api demo-evaluator POST "$(of_proposal "$name" evaluate)" "$body" >/dev/null
done < <(of_proposals 'select(.evaluate)' | jq -r '"\(.external_id) \(.evaluate.refusal_code)", (.evaluate | tojson)')
while read -r fact; do
    body=$(jq -c --argjson proposals "$proposals" '.merge | .into_id |= $proposals[.]' <<<"$fact")
    api demo-evaluator POST "$(of_proposal "$(jq -r .external_id <<<"$fact")" merge)" "$body" >/dev/null
done < <(of_proposals 'select(.merge)')
every nobody "$at/proposals?budget_cycle_id=$cycle&status=not_feasible" |
    jq -r '.[] | "   not feasible: \(.number), \(.refusal_code): \(.evaluation.en)"'

# shown_statuses: {"sei-pb25-p01": "on_ballot", …} as the public reads them.
shown_statuses() {
    every nobody "$at/proposals?budget_cycle_id=$cycle" | jq -c --argjson numbers "$numbers" '
        [.[] | {($numbers["\(.number)"]): .status}] | add'
}

say "4. The ballot: the committee confirms the list, a vote officer opens the vote"
list=$(decision dec-sei-pb25-ballot sei-vitality-committee)
move demo-coordinator confirm-ballot "{\"decision_id\": \"$list\"}"
expect_json "the public list before the vote" \
    "$(of_proposals '{(.external_id): (if .votes then "on_ballot" else .status end)}' | jq -cs add)" "$(shown_statuses)"
keep_vote_open
move demo-vote-officer open-voting "$(of_cycle '{officers}')"
vote=$(api nobody GET "$at/budget-cycles/$cycle/vote")
expect "the hash of the frozen rules" "$(jq -r .frozen_sha256 <<<"$vote")" "$(jq -j .frozen <<<"$vote" | sha256sum | cut -d ' ' -f 1)"
say "   $(of_cycle .statistics.on_ballot) proposals; rules, costs and the lot are frozen as $(jq -r .frozen_sha256 <<<"$vote")"
version=$(api nobody GET "$at/budget-cycles/$cycle" | jq .version)
refused "409 rules_frozen" demo-coordinator PATCH "$at/budget-cycles/$cycle" '{"appropriation_cents": 25000000}' \
    "If-Match: \"$version\"" >/dev/null
refused "409 cost_frozen" demo-evaluator POST "$(of_proposal sei-pb25-p09 estimate)" \
    '{"cost_cents": 3900000, "reason": {"fi": "Hinnat nousivat.", "en": "Prices rose."}}' >/dev/null

say "5. One resident votes: what is not allowed, a retry, a change"
# choices JSON: a ballot of external ids as the service reads it.
choices() { ids "$proposals" "$1" | jq -c '{choices: map({proposal_id: .})}'; }
ballots=$at/budget-cycles/$cycle/ballots
problem=$(refused "422 ballot_over_budget" demo-resident POST "$ballots" \
    "$(choices '["sei-pb25-p15", "sei-pb25-p16", "sei-pb25-p17", "sei-pb25-p18"]')" "Idempotency-Key: too-dear")
say "   $(jq -r '.errors[0].detail // .detail' <<<"$problem")"
refused "422 area_rule" demo-resident POST "$ballots" "$(choices '["sei-pb25-p01", "sei-pb25-p09"]')" \
    "Idempotency-Key: two-areas" >/dev/null
body=$(choices '["sei-pb25-p01", "sei-pb25-p03", "sei-pb25-p23"]')
keep_vote_open
first=$(api demo-resident POST "$ballots" "$body" "Idempotency-Key: first-thought")
again=$(api demo-resident POST "$ballots" "$body" "Idempotency-Key: first-thought")
expect "the leaf of a retry" "$(jq .receipt.leaf_position <<<"$first")" "$(jq .receipt.leaf_position <<<"$again")"
refused "409 already_voted" demo-resident POST "$ballots" "$body" "Idempotency-Key: second-ballot" >/dev/null
hers=$(choices "$(jq -c '.[0].choices' "$facts/ballots.json")" | jq -c --argjson first "$first" '.replaces = $first.token')
api demo-resident POST "$ballots" "$hers" "Idempotency-Key: second-thought" >"$work/receipt.json"
say "   her receipt is leaf $(jq .receipt.leaf_position "$work/receipt.json") of the log; the first ballot counts no more"

say "6. Everybody else votes with one-time codes, in $lists lists, without a token"
voters=$(of_cycle .statistics.voters)
# all ballots of the facts but the first, which is hers: one array of choices a line
jq -c --argjson ids "$proposals" '[.[] | range(.count) as $i | .choices] | .[1:][]
    | {choices: map({proposal_id: $ids[.]})}' "$facts/ballots.json" >"$work/ballots"
size=$(((voters - 1 + lists - 1) / lists))
split --lines=$size --numeric-suffixes=1 --suffix-length=1 "$work/ballots" "$work/list-"
for ((list = 1; list <= lists; list++)); do
    keep_vote_open
    count=$(grep -c . "$work/list-$list")
    api demo-vote-officer POST "$at/budget-cycles/$cycle/voting-codes" "{\"count\": $count}" \
        "Idempotency-Key: list-$list" | jq -c '.codes[]' >"$work/codes"
    # one curl for all of them: its configuration says a request in five lines, "next" begins another
    paste "$work/codes" "$work/list-$list" | jq -nRr --arg url "$at/budget-cycles/$cycle/code-ballots" --arg list "$list" '
        [inputs | split("\t") | (.[1] | fromjson) + {code: (.[0] | fromjson)}] | to_entries[]
        | (if .key > 0 then "next" else empty end),
          "url = \"\($url)\"", "header = \"Content-Type: application/json\"",
          "header = \"Idempotency-Key: ballot-\($list)-\(.key)\"", "data = \(.value | tojson | tojson)",
          "write-out = \"\\n%{http_code}\\n\""' >"$work/requests"
    curl --no-progress-meter --max-time 60 --parallel --parallel-max 16 --config "$work/requests" >"$work/answers"
    accepted=$(grep -cx 201 "$work/answers") || true
    [[ $accepted == "$count" ]] || fail "list $list: $accepted of $count ballots taken; $(grep -m1 '"code"' "$work/answers" || true)"
    expect_json "results while the vote is open" '[]' "$(every nobody "$at/budget-results?budget_cycle_id=$cycle")"
done
say "   $voters residents have voted; results are nowhere to be read"
refused "409 phase_open" demo-vote-officer POST "$at/budget-cycles/$cycle/count" "$(of_cycle '{officers}')" >/dev/null
move_when_over demo-vote-officer count counted "$(of_cycle '{officers}')"
refused "409 voting_closed" demo-resident POST "$ballots" "$body" "Idempotency-Key: too-late" >/dev/null

say "7. The result"
results=$(every nobody "$at/budget-results?budget_cycle_id=$cycle")
# What must be equal: the votes, who is chosen and what is left after each. Where the lot decides, it is drawn anew
# each time, so of the tied only their number is compared.
# shellcheck disable=SC2016
wanted=$(of_cycle '.results | map({key: .area_id, value: ((.tied // []) as $tied | {
    ballots, left: .leftover_cents, votes: ([.rows[] | {(.proposal_id): .votes}] | add),
    chosen: [.rows[] | select(.selected)
             | {it: (if .proposal_id as $id | $tied | index($id) then "by lot" else .proposal_id end), left: .left_after_cents}]})})
    | from_entries')
got=$(jq -c --argjson numbers "$numbers" --argjson areas "$areas" --argjson tied "$(of_cycle '[.results[] | .tied // [] | .[]]')" '
    def cents: tonumber * 100 | round;
    ($areas | with_entries({key: .value, value: .key})) as $names
    | map({key: $names[.area_id], value: {
        ballots, left: (.result.left | cents), votes: ([.result.projects[] | {($numbers[.id]): (.score | tonumber)}] | add),
        chosen: [.result.steps[] | {it: ($numbers[.project_id] | if . as $id | $tied | index($id) then "by lot" else . end),
                                    left: (.left | cents)}]}})
    | from_entries' <<<"$results")
expect_json "the results" "$wanted" "$got"
jq -r '.[] | "   \(.area_name.en // .area_name.fi): \(.ballots) ballots, \(.result.left) € left",
    (.result.projects | sort_by(.position // 99)[] | "     \(.name): \(.explanation.en)")' <<<"$results"
expect_json "the books" "{\"marks\": $voters, \"ballots\": $voters, \"ballot_leaves\": $voters, \"tombstones\": 1}" \
    "$(api nobody GET "$at/budget-cycles/$cycle/books" | jq -c '{marks, ballots, ballot_leaves, tombstones}')"
expect_json "what the books do not agree on" '[0, 0]' \
    "$(api nobody GET "$at/budget-cycles/$cycle/books" | jq -c '[.channels[].difference]')"
turnout=$(every nobody "$at/budget-cycles/$cycle/turnout?")
expect "voters of the whole city" "$voters" "$(jq '.[] | select(.part == "whole") | .voters' <<<"$turnout")"
jq -r '.[] | select(.part == "whole") | "   turnout \(.voters) of \(.eligible)"' <<<"$turnout"

say "8. The receipt, offline: the ballot is in the log, and the log only grew since"
log=$at/budget-cycles/$cycle/transparency
api nobody GET "$log/checkpoint" >"$work/head"
size=$(sed -n 2p "$work/head") older=$(jq -r .receipt.checkpoint "$work/receipt.json" | sed -n 2p)
position=$(jq .receipt.leaf_position "$work/receipt.json")
api nobody GET "$log/inclusion?position=$position&size=$size" >"$work/inclusion.json"
api nobody GET "$log/consistency?older=$older&size=$size" >"$work/consistency.json"
elinvoima verify "$work/receipt.json" --key "$(jq -r .verifier_key <<<"$vote")" --inclusion "$work/inclusion.json" \
    --head "$work/head" --consistency "$work/consistency.json" | sed 's/^/   /'

say "9. The recount: each area's ballots as a file, counted by the program alone and by anybody's request"
while read -r result; do
    api nobody GET "$at/budget-results/$(jq -r .id <<<"$result")/file" >"$work/ballots.pb"
    ties=$(jq -r .result.ties <<<"$result") winners=$(jq -c .result.winners <<<"$result")
    expect_json "winners by elinvoima tally" "$winners" \
        "$(elinvoima tally "$work/ballots.pb" --rule greedy_votes --ties "$ties" --minimum-score 1 --json | jq -c .winners)"
    answer=$(jq -Rsc --arg ties "$ties" '{file: ., rule: "greedy_votes", ties: $ties, minimum_score: "1"}' "$work/ballots.pb" |
        api nobody POST "$url/v1/tallies" @-)
    expect_json "winners by /v1/tallies" "$winners" "$(jq -c .winners <<<"$answer")"
    say "   $(jq -r '.area_name.en // .area_name.fi' <<<"$result"): $winners, twice the same"
done < <(jq -c '.[]' <<<"$results")

say "10. The committee confirms, and the projects begin"
confirming=$(decision dec-sei-pb25-result sei-vitality-committee)
move demo-coordinator confirm "{\"decision_id\": \"$confirming\"}"
expect_json "the standing of every result" '["confirmed"]' \
    "$(every nobody "$at/budget-results?budget_cycle_id=$cycle" | jq -c 'map(.standing) | unique')"
# what the lot chose gets the project that the facts have for the chosen of the tied
projects=$(jq -cn --argjson statuses "$(shown_statuses)" --argjson facts "$(of_proposals . | jq -cs .)" \
    --argjson tied "$(of_cycle '[.results[] | .tied // [] | .[]]')" '
    ($facts | map(select(.project))) as $with
    | [$statuses | to_entries[] | select(.value == "selected") | .key as $name
       | ($with[] | select(.external_id == $name)) //
         ($with[] | select(.external_id as $id | $tied | index($id))) | {name: $name, status, project}]')
expect "projects" "$(of_cycle .statistics.selected)" "$(jq length <<<"$projects")"
# three lines for each: its name and how it ends, what is planned, what is told of its end
jq -r --argjson parties "$parties" '.[] | "\(.name) \({completed: "complete", cancelled: "cancel"}[.status] // "")",
    (.project | (.plan | .responsible_party_id |= $parties[.]),
                (if .cancelled then {reason: .cancelled.reason} else {spent_cents: .plan.spent_cents} end) | tojson)' \
    <<<"$projects" >"$work/projects"
while read -r name end && read -r plan && read -r body; do
    api demo-coordinator POST "$(of_proposal "$name" plan-project)" "$plan" >/dev/null
done <"$work/projects"
move demo-coordinator implement
while read -r name end && read -r plan && read -r body; do
    api demo-coordinator POST "$(of_proposal "$name" start-project)" >/dev/null
    [[ ! $end ]] || api demo-coordinator POST "$(of_proposal "$name" "$end-project")" "$body" >/dev/null
done <"$work/projects"
expect_json "where the projects stand" "$(jq -c 'map({(.name): .status}) | add' <<<"$projects")" \
    "$(shown_statuses | jq -c 'with_entries(select(.value | IN("selected", "in_progress", "completed", "cancelled")))')"
refused "409 open_projects" demo-coordinator POST "$at/budget-cycles/$cycle/close" >/dev/null
say "   $(jq -r 'group_by(.status) | map("\(length) \(.[0].status)") | join(", ")' <<<"$projects")"
say "All as the facts have it: $at/budget-results?budget_cycle_id=$cycle"
