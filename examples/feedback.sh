#!/bin/bash
# The life of one item of feedback by curl alone: somebody without an account tells of a dark path, the service finds
# topic and unit, the unit takes it up and answers, its sender reads the answer by the secret of the link, is not
# content, and in the end it is closed, published and withdrawn. On the way: what is somebody else's matter, what is
# known nearby, an identity code that nobody keeps, and the item in Open311's XML.
#
# It sends items of its own to 743 each time, beside the demo's. What every step must give is read from
# demo/feedback_topics.json or stands here, never from the service; one difference ends it with 1.
#
#   examples/feedback.sh                  against ./run on this machine; examples/speak.sh says how otherwise
root=$(dirname "$(dirname "$(readlink -f "$0")")")
readonly root municipality=743
# shellcheck source=examples/speak.sh
. "$root/examples/speak.sh"

for subject in demo-handler demo-moderator demo-vote-officer; do read_token $subject; done

# --- the facts ---------------------------------------------------------------------------------------------
# of_topic CODE FILTER
of_topic() { jq -cr ".[] | select(.code == \"$1\") | $2" "$facts/feedback_topics.json"; }

topics=$(known_of feedback-topics)
parties=$(known_of responsible-parties)
lighting=$(jq -r --arg topic "$(of_topic lighting .external_id)" '.[$topic]' <<<"$topics")
unit=$(jq -r --arg party "$(of_topic lighting .responsible_party_id)" '.[$party]' <<<"$parties")

# --- the item ----------------------------------------------------------------------------------------------
# send JSON [HEADER…]: what its sender gets back.
send() { api nobody POST "$at/feedback" "$@"; }

# move SUBJECT VERB [JSON]: of the item; prints it.
move() { api "$1" POST "$at/feedback/$item/$2" "${3:-}"; }

# in_xml [?token=SECRET]: the item as a client of Open311 reads it.
in_xml() { curl --silent --show-error --fail --max-time 30 "$url/open311/v2/$municipality/requests/$number.xml${1:-}"; }

# holds WHAT XML TEXT
holds() { grep -qF "$3" <<<"$2" || fail "$1: no $3 in $2"; }

# follow SECRET [/VERB [JSON]]: as its sender, who has the secret of the link; it travels in bodies, never in addresses.
follow() { api nobody POST "$at/feedback/by-token${2:-}" "$(jq -c --arg token "$1" '. + {token: $token}' <<<"${3:-{\}}")"; }

say "1. Somebody else's matter: $url tells where to go"
signpost=$(of_topic health_social '"\(.signpost.name.en), \(.signpost.address)"')
answer=$(refused "422 topic_elsewhere" nobody POST "$at/feedback" "$(jq -c --arg topic "$(of_topic health_social .external_id)" '
    {kind: "complaint", topic_id: .[$topic], language: "en", text: "Nobody answers the phone at the health centre."}' <<<"$topics")")
jq -r .errors[0].detail <<<"$answer" | grep -qF "$signpost" || fail "the signpost is missing: $answer"
say "   $signpost"

say "2. A report: no account, no topic, only what it is and where ($source)"
report='{"kind": "fault", "language": "fi", "title": "Pimeä polku", "permits_publication": true,
         "text": "Polku alikululta koululle on pimeä, valaistus ei toimi.", "latitude": "62.776500", "longitude": "22.921600"}'
receipt=$(send "$report" "Idempotency-Key: $source")
item=$(jq -er .id <<<"$receipt") secret=$(jq -er .tracking_token <<<"$receipt") number=$(jq -er .number <<<"$receipt")
expect_json "topic and unit, found by the words" "[\"assigned\",\"$lighting\",true,\"$unit\"]" \
    "$(jq '[.status, .topic_id, .is_topic_suggested, .responsible_party_id]' <<<"$receipt")"
answer=$(send "$report" "Idempotency-Key: $source")
expect "what a sender gets who pressed twice" "$item $secret" "$(jq -r '"\(.id) \(.tracking_token)"' <<<"$answer")"
answer=$(call nobody GET "$at/feedback/$item")
expect "the item, for the public" 404 "${answer##*$'\n'}"
! in_xml >/dev/null 2>&1 || fail "Open311 tells everybody of an item that is not published"
answer=$(in_xml "?token=$secret")
holds "the item for its sender's client" "$answer" "<service_code>lighting</service_code>"
holds "its status" "$answer" "<status>open</status>"
holds "its text" "$answer" alikululta
say "   number $number is with its unit, to be answered by $(jq -r .due_on <<<"$receipt"); the public does not see it"

say "3. Somebody else at the same place asks what is known already, and says the same"
near="lat=$(jq -r .latitude <<<"$report")&lon=$(jq -r .longitude <<<"$report")&topic=lighting"
# near_by: what everybody may know of our item.
near_by() { every nobody "$at/feedback/nearby?$near" | jq -ce --arg id "$item" '.[] | select(.id == $id)'; }
expect_json "what everybody may know: topic, place and state, no words" "[\"$lighting\",\"assigned\",false,null]" \
    "$(near_by | jq '[.topic_id, .status, .is_published, .text]')"
neighbour=$(api nobody POST "$at/feedback/$item/me-too" | jq -er .tracking_token)
expect_json "what the neighbour may follow: no words" '["assigned",null,null]' "$(follow "$neighbour" /follow | jq '[.status, .text, .reply]')"
say "   $(near_by | jq '"\(.distance_m) m away, said by \(.me_too_count) more"' -r)"

say "4. An identity code in the text: masked before anything is stored, and a moderator looks first"
receipt=$(send '{"kind": "question", "language": "fi", "text": "Milloin lamppu vaihdetaan? Tunnukseni on 010101-950B."}')
expect_json "what is left of it" '["in_moderation","Milloin lamppu vaihdetaan? Tunnukseni on ******-****.",["identity_code"]]' \
    "$(jq '[.status, .text, .findings]' <<<"$receipt")"
other=$(jq -er .id <<<"$receipt")
answer=$(call demo-handler GET "$at/feedback/$other")
expect "the item, for its unit" 404 "${answer##*$'\n'}"
answer=$(api demo-moderator POST "$at/feedback/$other/release")
expect "let go to its unit" assigned "$(jq -r .status <<<"$answer")"
problem=$(refused "409 no_permission" demo-moderator POST "$at/feedback/$other/publish")
expect_json "all that keeps it from the public" '["no_permission","reply_missing","personal_data"]' "$(jq '[.errors[].code]' <<<"$problem")"
answer=$(follow "$(jq -er .tracking_token <<<"$receipt")" /withdraw '{"text": "Ei enää tarpeen."}')
expect "withdrawn by its sender" closed "$(jq -r .status <<<"$answer")"
say "   let go to its unit, not to be published like this, and withdrawn by its sender"

say "5. The unit takes it up"
refused "403 insufficient_scope" demo-vote-officer POST "$at/feedback/$item/start" >/dev/null
move demo-handler start >/dev/null
refused "409 wrong_state" demo-handler POST "$at/feedback/$item/close" >/dev/null
refused "422 required" demo-handler POST "$at/feedback/$item/answer" '{}' >/dev/null
refused "409 reply_missing" demo-handler POST "$at/feedback/$item/publish" >/dev/null
due=$(follow "$secret" | jq -r .due_on)
for weeks in 4 5 6; do # a working day: the service knows the holidays
    later=$(date -ud "$due +$weeks weeks" +%F)
    answer=$(call demo-handler POST "$at/feedback/$item/inform" "{\"text\": \"Odotamme varaosaa.\", \"due_on\": \"$later\"}")
    [[ ${answer##*$'\n'} == 422 ]] || break
done
expect_json "what its sender is told meanwhile" "[\"$later\",\"Odotamme varaosaa.\"]" \
    "$(follow "$secret" | jq '[.due_on, .messages[-1].text]')"
say "   in progress; it cannot be closed before it is answered, nor answered without a reply; an interim message says $later"

say "6. The same lamps again, from somebody else: merged, so that both get the answer"
receipt=$(send "$report")
api demo-handler POST "$at/feedback/$(jq -er .id <<<"$receipt")/merge" "{\"into_id\": \"$item\"}" >/dev/null
second=$(jq -er .tracking_token <<<"$receipt")
say "   number $(jq .number <<<"$receipt") follows number $(follow "$second" | jq .merged_into.number)"

say "7. The answer, which its senders read by their secrets"
move demo-handler answer '{"reply": "Lamput vaihdetaan tällä viikolla."}' >/dev/null
answer=$(follow "$secret")
expect_json "what its sender reads" '["answered","Lamput vaihdetaan tällä viikolla."]' "$(jq '[.status, .reply]' <<<"$answer")"
answer=$(follow "$second")
expect_json "what the other sender reads" '["merged","answered","Lamput vaihdetaan tällä viikolla."]' \
    "$(jq '[.status, .merged_into.status, .reply]' <<<"$answer")"
expect_json "what whoever said the same reads" '["answered","Lamput vaihdetaan tällä viikolla.",null]' \
    "$(follow "$neighbour" /follow | jq '[.status, .reply, .text]')"
answer=$(call nobody POST "$at/feedback/by-token" "{\"token\": \"${secret//[0-9]/x}\"}")
expect "another secret" 404 "${answer##*$'\n'}"
say "   $(jq -r '[.moves[].status] | join(" → ")' <<<"$(follow "$secret")")"

say "8. Its sender is not content: reopened, and with the same unit again"
answer=$(follow "$secret" /reopen '{"text": "Kaksi lamppua on yhä pimeänä."}')
expect_json "reopened" "[\"assigned\",\"$unit\"]" "$(jq '[.status, .responsible_party_id]' <<<"$answer")"
follow "$secret" /add '{"text": "Ne ovat alikulun jälkeen."}' >/dev/null
expect_json "what was said" '["interim","reply","reopening","addition"]' "$(follow "$secret" | jq '[.messages[].kind]')"
move demo-handler answer '{"reply": "Nekin on nyt vaihdettu."}' >/dev/null
answer=$(move demo-handler close)
expect "the end" closed "$(jq -r .status <<<"$answer")"
refused "409 wrong_state" nobody POST "$at/feedback/by-token/add" "{\"token\": \"$secret\", \"text\": \"Kiitos.\"}" >/dev/null
follow "$secret" /rate '{"score": 5, "text": "Nyt on valoisaa."}' >/dev/null
refused "409 already_rated" nobody POST "$at/feedback/by-token/rate" "{\"token\": \"$secret\", \"score\": 1}" >/dev/null
say "   answered again, closed and rated; $(jq -r '[.moves[].status] | join(" → ")' <<<"$(follow "$secret")")"

# shown: the state of our item where the public finds it by a word of its text.
shown() { every nobody "$at/feedback?q=alikululta&topic=lighting" | jq -c --arg id "$item" '[.[] | select(.id == $id) | .status]'; }

say "9. Question and answer are published together, and leave together when the sender wishes"
move demo-handler publish >/dev/null
answer=$(api nobody GET "$at/feedback/$item")
expect_json "what everybody reads" '["Pimeä polku","Nekin on nyt vaihdettu.",null]' "$(jq '[.title, .reply, .findings]' <<<"$answer")"
expect_json "what everybody finds" '["closed"]' "$(shown)"
say "   $(jq -r '"\(.title): \(.reply)"' <<<"$answer")"
answer=$(in_xml)
holds "the item for clients of Open311" "$answer" "<status>closed</status>"
holds "its answer" "$answer" "Nekin on nyt vaihdettu."
say "   and in Open311: $(grep -o '<status>.*</status>' <<<"$answer")"
follow "$secret" /withdraw >/dev/null
expect_json "what everybody finds after the sender withdrew it" '[]' "$(shown)"
answer=$(call nobody GET "$at/feedback/$item")
expect "the item, for the public" 404 "${answer##*$'\n'}"
say "   withdrawn by its sender: gone from list, search and its own address"
