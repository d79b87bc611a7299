#!/bin/bash
# A whole reporting round by curl alone: a programme with 18 measures and 17 responsible parties comes into
# force, the coordinator invites, the parties report as in the demo's round of 2024 (one is replaced on the way,
# two are late, three reports never come), the committee assesses, the board hears, everybody reads.
#
# It makes a programme of its own in 508 each time, beside the demo's, and uses the demo's parties and bodies.
# What every step must give is read from demo/*.json, never from the service; one difference ends it with 1.
#
#   examples/reporting-round.sh           against ./run on this machine; examples/speak.sh says how otherwise
#
# No clock is set here, so time is moved the other way: the years of the programme are shifted until today
# stands to them as the day the real round closed stood to its own, and a late report is one that comes after
# the round was closed.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
readonly root municipality=508 real=man-round-2024
# shellcheck source=examples/speak.sh
. "$root/examples/speak.sh"

# --- the facts ---------------------------------------------------------------------------------------------
of_round() { jq -c ".[] | select(.external_id == \"$real\") | $1" "$facts/reporting_rounds.json"; }

while read -r subject; do read_token "$subject"; done < <(jq -r '.[].subject' "$facts/grants.json" "$facts/holders.json")
closed_on=$(of_round '.timetable.closed_at[:10]' | jq -r .)
years=$((${today%%-*} - ${closed_on%%-*}))
days=$((($(date -ud "$today" +%s) - $(date -ud "$closed_on" +%s)) / 86400))
year=$(($(of_round .year) + years))
summary=$(of_round .summary)
measure_count=$(jq .counts.total <<<"$summary")

say "1. The programme: what $url has of 508, and a new vitality programme of ours ($source)"
bodies=$(known_of bodies)
parties=$(known_of responsible-parties)
body=$(jq -c --argjson bodies "$bodies" --argjson parties "$parties" --arg source "$source" '
    .[] | select(.external_id == "man-vitality-programme")
    | {kind, name: (.name | map_values(. + " (" + $source + ")")), purpose,
       managing_body_id: $bodies[.managing_body_id], coordinating_party_id: $parties[.coordinating_party_id],
       evaluating_body_id: $bodies[.evaluating_body_id], onward_report_body_id: $bodies[.onward_report_body_id]}' \
    "$facts/programmes.json")
programme=$(put demo-coordinator programmes programme "$body")
version=$(put demo-coordinator programme-versions 1.0 "{\"programme_id\":\"$programme\",\"number\":\"1.0\"}")

themes={}
while read -r body; do
    name=$(jq -r .external_id <<<"$body")
    id=$(put demo-coordinator themes "$name" "$(jq -c --arg version "$version" '
        {programme_version_id: $version, number, name, description}' <<<"$body")")
    themes=$(jq -c --arg name "$name" --arg id "$id" '.[$name] = $id' <<<"$themes")
done < <(jq -c '.[] | select(.municipality == "508")' "$facts/themes.json")

measures={} # external id → {id, line}
while read -r body; do
    name=$(jq -r .external_id <<<"$body")
    answer=$(api demo-coordinator PUT "$at/measures/by-source/$source/$name" "$(jq -c 'del(.external_id)' <<<"$body")")
    measures=$(jq -c --arg name "$name" --argjson made "$answer" '
        .[$name] = {id: $made.id, line: $made.measure_line_id}' <<<"$measures")
done < <(jq -c --argjson scope "$(of_round '[.assessments[].measure_id]')" --argjson themes "$themes" \
    --argjson parties "$parties" --arg version "$version" --argjson years "$years" --argjson days "$days" '
    .[] | select(.external_id as $name | $scope | index($name))
    | {external_id, programme_version_id: $version, theme_id: $themes[.theme_id], number, title, description,
       goals: [.goals[] | .window |= (if .start_year then .start_year += $years | .end_year += $years else . end)],
       start_due_on: (if .start_due_on
                      then .start_due_on | strptime("%Y-%m-%d") | mktime + $days * 86400 | strftime("%Y-%m-%d")
                      else null end),
       assignments: [.assignments[] | .responsible_party_id |= $parties[.]]}' "$facts/measures.json")
expect "measures" "$measure_count" "$(jq length <<<"$measures")"

approval=$(decision dec-man-2024-04-22 man-council)
api demo-secretary POST "$at/programme-versions/$version/enter-into-force" \
    "{\"decision_id\":\"$approval\",\"valid_from\":\"$today\"}" >/dev/null
before=$(api nobody GET "$at/programmes/$programme/overview")
expect_json "the public overview before" "$(jq '.counts | map_values(0) + {unassessed: .total, total}' <<<"$summary")" \
    "$(jq .counts <<<"$before")"
say "   in force; the public reads $measure_count measures and no light yet"

say "2. The invitation: the committee has decided to start, the coordinator opens the round for $year"
start=$(decision dec-man-2024-09-23 man-vitality-section)
body=$(of_round . | jq -c --argjson bodies "$bodies" --argjson measures "$measures" --arg programme "$programme" \
    --arg version "$version" --arg start "$start" --argjson year "$year" --arg due "$(date -ud "$today +14 days" +%F)" '
    {programme_id: $programme, programme_version_id: $version, year: $year, name, due_on: $due, grace_days,
     added_measure_ids: [.added_measure_ids[] | $measures[.].id], start_decision_id: $start,
     assessing_body_id: $bodies[.assessing_body_id], onward_report_body_id: $bodies[.onward_report_body_id]}')
round=$(put demo-coordinator reporting-rounds round "$body")
readonly in_round="reporting_round_id=$round"
api demo-coordinator POST "$at/reporting-rounds/$round/open" >/dev/null
requests=$(every demo-coordinator "$at/report-requests?$in_round")
expect "requests, one per party and measure" "$(jq .requests.total <<<"$summary")" "$(jq length <<<"$requests")"
messages=$(every demo-coordinator "$at/messages?$in_round&kind=invitation")
expect "messages, one per party" "$(of_round '[.requests[] | .reassigned.from_party_id // .responsible_party_id] | unique | length')" \
    "$(jq length <<<"$messages")"
expect "measures in all messages" "$(jq length <<<"$requests")" "$(jq '[.[].measures | length] | add' <<<"$messages")"
say "   $(jq length <<<"$messages") parties got one message each, $(jq length <<<"$requests") reports are asked for"

say "3. A task moves to another office while the round is open"
while read -r fact; do
    line=$(jq -r --argjson measures "$measures" '$measures[.measure_id].line' <<<"$fact")
    api demo-coordinator POST "$at/measure-lines/$line/replace" "$(jq -c --argjson parties "$parties" '.reassigned
        | {from_party_id: $parties[.from_party_id], reason}' <<<"$fact" |
        jq -c --arg to "$(jq -r --argjson parties "$parties" '$parties[.responsible_party_id]' <<<"$fact")" \
            '.to_party_id = $to')" >/dev/null
    requests=$(every demo-coordinator "$at/report-requests?$in_round&measure_line_id=$line")
    expect_json "the duty moved, its due date did not" "[\"reassigned\",$(jq -c .due_on <<<"$body")]" "$(jq -c --argjson parties "$parties" \
        --argjson fact "$fact" '[(.[] | select(.responsible_party_id == $parties[$fact.reassigned.from_party_id]) | .status),
                                 (.[] | select(.responsible_party_id == $parties[$fact.responsible_party_id]) | .due_on)]' <<<"$requests")"
    say "   $(jq -r '.reassigned.from_party_id + " → " + .responsible_party_id + ": " + .reassigned.reason.en' <<<"$fact")"
done < <(of_round '.requests[] | select(.reassigned)')

# report_all FILTER: those of the facts' reports that pass the filter are written and submitted, each by the
# holder of its party out of its own list of duties. One that is no duty of the party stays unwritten, and the
# counts after it will not do.
report_all() {
    local party subject duties name own body id
    while read -r party; do
        subject=demo-508-${party#man-}
        duties=$(every "$subject" "$at/me/duties?$in_round")
        while read -r name own && read -r body; do
            id=$(put "$subject" reports "$name" "$body")
            answer=$(api "$subject" POST "$at/reports/$id/submit")
            expect "the party's own light on $name, and whether it is late" "$own" "$(jq -r '"\(.own_light) \(.is_late)"' <<<"$answer")"
        done < <(of_round "[.requests[] | select(.responsible_party_id == \"$party\" and .submitted_at and ($1))]" |
            jq -r --argjson measures "$measures" --argjson parties "$parties" --argjson duties "$duties" '
                .[] | . as $fact | $duties[]
                | select(.measure_id == $measures[$fact.measure_id].id
                         and .responsible_party_id == $parties[$fact.responsible_party_id])
                | "\($fact.external_id) \($fact.own_light) \($fact.is_late)",
                  ({report_request_id: .id} + ($fact | {reported_status, summary}) | tojson)')
    done < <(of_round "[.requests[] | select(.submitted_at and ($1)) | .responsible_party_id] | unique | .[]" | jq -r .)
}

# The coordinator reads what was submitted and accepts it.
accept_all() {
    local id
    answer=$(every demo-coordinator "$at/report-requests?$in_round&status=submitted&fields=id")
    while read -r id; do
        api demo-coordinator POST "$at/report-requests/$id/accept" >/dev/null
    done < <(jq -r '.[].id' <<<"$answer")
}

count_requests() {
    local items
    items=$(every demo-coordinator "$at/report-requests?$in_round$1")
    jq length <<<"$items"
}

say "4. The parties report"
report_all '.is_late | not'
accept_all
on_time=$(of_round '[.requests[] | select(.submitted_at and (.is_late | not))] | length')
late=$(jq .requests.late <<<"$summary") missing=$(jq .requests.missing <<<"$summary")
expect "accepted on time" "$on_time" "$(count_requests '&status=accepted')"
say "   $on_time reports came in time and were accepted"
api demo-coordinator POST "$at/reporting-rounds/$round/close" >/dev/null
expect "missing at closing" $((late + missing)) "$(count_requests '&status=missing')"
api demo-coordinator POST "$at/reporting-rounds/$round/start-review" >/dev/null
say "   the round is closed without $((late + missing)) of them"
report_all .is_late
accept_all
expect "late" "$late" "$(count_requests '&is_late=true')"
expect "missing" "$missing" "$(count_requests '&status=missing')"
say "   $late came late and are accepted, $missing stay missing"

say "5. The committee sets one light per measure"
# assessments FILTER: three lines each: the measure's name, what is sent, what the service must make of it.
assessments() {
    of_round ".assessments[] | select($1)" | jq -r --argjson measures "$measures" --arg round "$round" '
        .measure_id,
        ({reporting_round_id: $round, measure_id: $measures[.measure_id].id, light, is_unassessed, justification} | tojson),
        (del(.measure_id) | tojson)'
}
body=$(assessments '.light == "yellow"' | sed -n 2p)
refused "422 justification_required" demo-secretary POST "$at/assessments" "$(jq -c .justification=null <<<"$body")" >/dev/null
say "   a yellow light without a reason is refused"
while read -r name && read -r body && read -r wanted; do
    answer=$(api demo-secretary POST "$at/assessments" "$body")
    expect_json "the assessment of $name" "$wanted" "$(jq --argjson wanted "$wanted" '. as $made
        | $wanted | with_entries(.value = $made[.key])' <<<"$answer")"
done < <(assessments true)
while read -r fact; do
    api demo-secretary POST "$at/priorities" "$(jq -c --argjson measures "$measures" --argjson themes "$themes" \
        --arg round "$round" '{reporting_round_id: $round, reason}
            + (if .measure_id then {measure_line_id: $measures[.measure_id].line} else {theme_id: $themes[.theme_id]} end)' \
        <<<"$fact")" >/dev/null
done < <(of_round '.priorities[]')
assessment=$(decision dec-man-round-2024 man-vitality-section)
api demo-secretary POST "$at/reporting-rounds/$round/assess" "{\"decision_id\":\"$assessment\"}" >/dev/null
say "   $measure_count measures assessed, every suggestion as the facts have it"

say "6. The board"
refused "409 not_presented" demo-coordinator POST "$at/reporting-rounds/$round/publish" >/dev/null
say "   publishing before the board has heard is refused"
pack=$(api demo-presenter GET "$at/reporting-rounds/$round/board-pack")
expect_json "the board pack's lights" "$(jq .counts <<<"$summary")" "$(jq .counts <<<"$pack")"
expect_json "the board pack's reports" "$(jq .requests <<<"$summary")" "$(jq .requests <<<"$pack")"
expect_json "the board pack by theme" "$(jq .by_theme <<<"$summary")" "$(jq '[.by_theme[] | {number, counts}]' <<<"$pack")"
expect "missing reports in the board pack" "$missing" "$(jq '[.missing_reports[].measures | length] | add' <<<"$pack")"
expect "priorities in the board pack" "$(of_round '.priorities | length')" "$(jq '.priorities | length' <<<"$pack")"
csv=$(api demo-presenter GET "$at/reporting-rounds/$round/board-pack?format=csv")
expect "measures in the board pack's CSV" "$measure_count" "$(($(grep -c '^' <<<"$csv") - 1))"
answer=$(call nobody GET "$at/reporting-rounds/$round/board-pack")
expect "the board pack before publication, for the public" 404 "${answer##*$'\n'}"
onward=$(decision dec-man-board-2025 man-board)
api demo-presenter POST "$at/reporting-rounds/$round/present" "{\"decision_id\":\"$onward\"}" >/dev/null
say "   the presenter took the pack to the board"

say "7. The public"
api demo-coordinator POST "$at/reporting-rounds/$round/publish" >/dev/null
after=$(api nobody GET "$at/programmes/$programme/overview")
expect_json "the public overview's lights" "$(jq .counts <<<"$summary")" "$(jq .counts <<<"$after")"
expect_json "the public overview by theme" "$(jq .by_theme <<<"$summary")" "$(jq '[.themes[] | {number, counts}]' <<<"$after")"
expect_json "each measure's light" "$(of_round '[.assessments[] | {(.measure_id): .light}] | add')" \
    "$(jq --argjson measures "$measures" '([.themes[].measures[] | {(.measure_id): .light}] | add) as $lights
        | $measures | map_values($lights[.id])' <<<"$after")"
say "   before: $(jq -c .counts <<<"$before")"
say "   after:  $(jq -c .counts <<<"$after")"
say "All as the facts have it: $url/v1/508/programmes/$programme/overview"
