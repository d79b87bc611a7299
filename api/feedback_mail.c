/* Letters to senders of feedback. The worker's errand; what is sent stands in feedback_mail.sql. */
#include "operation.h"

#include "app.h"
#include "bind.h"
#include "feedback_handling.sql.h"
#include "feedback_mail.sql.h"
#include "mail.h"

static bool keep(struct request *request, struct db *db, const struct write *write) {
    const char *values[BIND_VALUES_MOST];
    const struct statement *statement = write->applies[0];
    int count = bind_values(request, statement, NULL, values);
    auto_result kept = db_run(db, statement->text, values, count, &request->problem);
    return kept != NULL;
}

static bool keep_end(struct request *request, struct db *db, const char *outcome) {
    request->json = json_pack("{s:s}", "outcome", outcome);
    return keep(request, db, &feedback_mail_keep_end);
}

static enum mail_outcome send_letter(const struct config *config, const PGresult *letter) {
    if (!mail_is_configured(config))
        return MAIL_UNREACHABLE;
    const struct mail mail = {
        .id = PQgetvalue(letter, 0, PQfnumber(letter, "id")),
        .sender = PQgetvalue(letter, 0, PQfnumber(letter, "sender")),
        .recipient = PQgetvalue(letter, 0, PQfnumber(letter, "recipient")),
        .subject = PQgetvalue(letter, 0, PQfnumber(letter, "subject")),
        .body = PQgetvalue(letter, 0, PQfnumber(letter, "body")),
        .language = PQgetvalue(letter, 0, PQfnumber(letter, "language")),
    };
    return mail_send(config, &mail);
}

static bool send_one(struct request *request, struct db *db) {
    const char *const values[] = {request->municipality};
    auto_result letter = db_run(db, feedback_mail_letter.text, values, 1, &request->problem);
    if (!letter)
        return false;
    if (PQntuples(letter) == 0)
        return keep_end(request, db, "dropped");
    switch (send_letter(&request->app->config, letter)) {
    case MAIL_SENT:
        return keep_end(request, db, "sent");
    case MAIL_REFUSED:
        return keep(request, db, &feedback_mail_keep_refusal);
    case MAIL_DELAYED:
        return keep(request, db, &feedback_mail_keep_delay);
    case MAIL_UNREACHABLE:
        break;
    }
    return keep(request, db, &feedback_mail_keep_delay) &&
           keep(request, db, &feedback_mail_keep_outage);
}

const struct binding feedback_mail_bindings[] = {
    {"listFeedbackMails", operation_list_below, .reads = &feedback_mail_select,
     .finds = &feedback_handling_is_inside},
    {"sendFeedbackMail", .write = &feedback_mail_send, .effect = send_one, .is_errand = true},
    {0},
};

const struct constraint feedback_mail_constraints[] = {
    {0},
};
