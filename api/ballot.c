/*
 * Casting. A ballot is checked against the paper that was frozen (ballot_paper.h), the voter is
 * made a key (voter.h), and what came meanwhile is written in one transaction (ballot_box.h).
 *
 *   1. What would link a voter to a ballot later, the key's HMAC and the token, is derived and
 *      never logged; nothing of the request is kept but the mark and the ballot.
 *   2. The token says it all of a retry: it is made of voter and Idempotency-Key, so the same
 *      request finds its own ballot and no row needs to remember the request.
 */
#include "operation.h"

#include "app.h"
#include "ballot_box.h"
#include "ballot_paper.h"
#include "ballot_text.h"
#include "note.h"
#include "seal.h"
#include "vote_paper.h"
#include "voter.h"
#include "voting_code.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

enum { NONCE_CHARS = 32, TOKEN_CHARS = 64 };

/* Its first half is made of voter and Idempotency-Key, its second proves whose it is. */
static const char *make_token(struct request *request, const struct paper *paper,
                              const char *voter_key) {
    struct arena *arena = &request->arena;
    const char *nonce = vote_derive(
        request, paper, "nonce", arena_print(arena, "%s %s", voter_key, request->idempotency_key));
    const char *owner = vote_derive(request, paper, "owner",
                                    arena_print(arena, "%s %.*s", voter_key, NONCE_CHARS, nonce));
    return arena_print(arena, "%.*s%.*s", NONCE_CHARS, nonce, TOKEN_CHARS - NONCE_CHARS, owner);
}

static bool is_own_token(struct request *request, const struct paper *paper, const char *voter_key,
                         const char *token) {
    const char *owner =
        vote_derive(request, paper, "owner",
                    arena_print(&request->arena, "%s %.*s", voter_key, NONCE_CHARS, token));
    return strlen(token) == TOKEN_CHARS &&
           CRYPTO_memcmp(owner, token + NONCE_CHARS, TOKEN_CHARS - NONCE_CHARS) == 0;
}

static const char *hash_text(struct arena *arena, const char *text) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)text, strlen(text), digest);
    return vote_hex(arena, digest, sizeof digest);
}

/* SHA-256 over a name, a salt only the token's holder can make, and the ballot. */
static const char *commitment_of(struct arena *arena, const char *token, const char *ballot) {
    const char *salt = hash_text(arena, arena_print(arena, "salt %s", token));
    return hash_text(arena, arena_print(arena, "elinvoima ballot 1\n%s\n%s\n", salt, ballot));
}

static bool read_replaces(struct request *request, const struct paper *paper, struct cast *cast) {
    const char *token = json_string_value(json_object_get(request->json, "replaces"));
    if (!token)
        return true;
    if (!paper->may_change)
        return problem_set(&request->problem, PROBLEM_ALREADY_VOTED, NULL);
    if (!is_own_token(request, paper, cast->voter->key, token))
        return problem_add(&request->problem, &request->arena, FAULT_POINTER, "/replaces",
                           PROBLEM_TOKEN_UNKNOWN, NULL);
    cast->replaces = hash_text(&request->arena, token);
    return true;
}

/* Everything of the ballot that needs no database. */
static bool fill(struct request *request, const struct paper *paper, struct cast *cast) {
    struct arena *arena = &request->arena;
    struct filled *filled = arena_new(arena, sizeof *filled);
    const char *home = cast->voter->home_area_id;
    if (!home)
        home = json_string_value(json_object_get(request->json, "home_area_id"));
    bool is_right = read_replaces(request, paper, cast);
    is_right = paper_check(paper, json_object_get(request->json, "choices"), "", home, arena,
                           &request->problem, filled) &&
               is_right;
    if (!is_right)
        return false;
    cast->ballot = ballot_text(arena, paper, filled);
    cast->token = make_token(request, paper, cast->voter->key);
    cast->token_hash = hash_text(arena, cast->token);
    cast->commitment = commitment_of(arena, cast->token, cast->ballot);
    cast->area_id = filled->area_id;
    cast->numbers = ballot_number_list(arena, filled->numbers, filled->count);
    cast->points = paper->method == VOTE_CUMULATIVE
                       ? ballot_number_list(arena, filled->points, filled->count)
                       : NULL;
    return true;
}

static void add_receipt(struct buffer *out, struct request *request, const struct cast *cast) {
    buffer_print(out,
                 ",\"receipt\":{\"budget_cycle_id\":\"%s\",\"leaf_position\":%lld,"
                 "\"commitment\":\"%s\",\"frozen_sha256\":\"%s\",\"line\":",
                 request_parameter(request, "id"), (long long)cast->position, cast->commitment,
                 cast->paper->sha256);
    buffer_add_json_text(out, cast->line);
    buffer_add_text(out, ",\"checkpoint\":");
    buffer_add_json_text(out, cast->note);
    buffer_add_text(out, ",\"verifier_key\":");
    auto_buffer key = {0};
    note_write_verifier_key(cast->paper->origin, request->app->seal, &key);
    buffer_add_json_text(out, key.data);
    buffer_add_char(out, '}');
}

/* As long for every ballot of a vote: a log of answers with their bytes, ours or a proxy's, would
 * tell how many proposals were chosen, and an unusual number finds the ballot in the published
 * file. */
static void add_ballot(struct buffer *out, const struct paper *paper, const char *ballot) {
    size_t end = out->length + ballot_text_most(paper);
    buffer_add_json_text(out, ballot);
    while (out->length < end)
        buffer_add_char(out, ' ');
}

static bool answer(struct request *request, const struct cast *cast) {
    struct buffer *out = &request->reply;
    request->status = 201;
    request->reply_type = "application/json";
    buffer_print(out, "{\"token\":\"%s\",\"ballot\":", cast->token);
    add_ballot(out, cast->paper, cast->ballot);
    if (cast->note)
        add_receipt(out, request, cast);
    buffer_add_char(out, '}');
    request_set_header(request, "Location",
                       arena_print(&request->arena,
                                   "/v1/%s/budget-cycles/%s/transparency/inclusion?position=%lld",
                                   request->municipality, request_parameter(request, "id"),
                                   (long long)cast->position));
    if (cast->is_replay)
        request_set_header(request, "Idempotency-Replayed", "true");
    if (request->prefer.rollback)
        request_set_header(request, "Preference-Applied", "tx=rollback");
    request_set_header(request, "Cache-Control", "private, no-store");
    return true;
}

/* Casts for whom `identify` finds. */
static bool cast_for(struct request *request,
                     const struct voter *(*identify)(struct request *request,
                                                     const struct paper *paper)) {
    const struct paper *paper = vote_paper_find(request);
    if (!paper)
        return false;
    struct cast cast = {.request = request, .paper = paper};
    cast.voter = identify(request, paper);
    if (!cast.voter || !fill(request, paper, &cast))
        return false;
    ballot_box_put(&cast);
    bool is_cast = request->problem.code == PROBLEM_NONE && answer(request, &cast);
    free(cast.note);
    return is_cast;
}

static bool ballot_cast_one(struct request *request) {
    return cast_for(request, voter_identify);
}

static bool ballot_cast_with_code(struct request *request) {
    return cast_for(request, voting_code_identify);
}

const struct binding ballot_bindings[] = {
    {"castBallot", ballot_cast_one},
    {"castBallotWithCode", ballot_cast_with_code},
    {0},
};

const struct constraint ballot_constraints[] = {
    {0},
};
