/* E-mail. */
#include "mail.h"

#include "buffer.h"
#include "format.h"
#include "log.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Bytes that fill a line of 76 characters, and an encoded word of 75 (RFC 2047, section 2). */
enum { LINE_BYTES = 57, WORD_BYTES = 45, DATE_BYTES = 40, BASE64_BYTES = 80 };

bool mail_is_configured(const struct config *config) {
    return config->smtp_url[0] && format_find("email")->is_valid(config->mail_from);
}

static void add_base64(struct buffer *out, const char *bytes, size_t length) {
    unsigned char text[BASE64_BYTES];
    int written = EVP_EncodeBlock(text, (const unsigned char *)bytes, (int)length);
    buffer_add(out, (const char *)text, (size_t)written);
}

/* How much of a text fits in `most` bytes without cutting a character of UTF-8. */
static size_t whole_characters(const char *text, size_t most) {
    size_t length = strnlen(text, most + 1);
    if (length <= most)
        return length;
    length = most;
    while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

/* A header whose text may be anything: encoded words, one a line (RFC 2047). */
static void add_header(struct buffer *out, const char *name, const char *text, const char *end) {
    buffer_print(out, "%s:", name);
    const char *fold = "";
    for (size_t length; (length = whole_characters(text, WORD_BYTES)) > 0; text += length) {
        buffer_print(out, "%s =?UTF-8?B?", fold);
        add_base64(out, text, length);
        buffer_add_text(out, "?=");
        fold = "\r\n";
    }
    buffer_print(out, "%s\r\n", end);
}

/* Lines end with CRLF before they are encoded (RFC 2045, section 6.8). */
static void add_body(struct buffer *out, const char *text) {
    auto_buffer lines = {0};
    for (; *text; text++)
        if (*text == '\n')
            buffer_add_text(&lines, "\r\n");
        else if (*text != '\r')
            buffer_add_char(&lines, *text);
    for (size_t at = 0; at < lines.length; at += LINE_BYTES) {
        size_t left = lines.length - at;
        add_base64(out, lines.data + at, left < LINE_BYTES ? left : LINE_BYTES);
        buffer_add_text(out, "\r\n");
    }
}

static void write_letter(const struct config *config, const struct mail *mail, struct buffer *out) {
    char date[DATE_BYTES];
    struct tm parts;
    time_t now = time(NULL);
    gmtime_r(&now, &parts);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &parts);
    auto_buffer from = {0};
    buffer_print(&from, " <%s>", config->mail_from);
    add_header(out, "From", mail->sender, from.data);
    buffer_print(out, "To: <%s>\r\n", mail->recipient);
    add_header(out, "Subject", mail->subject, "");
    buffer_print(out, "Date: %s\r\nMessage-ID: <%s%s>\r\n", date, mail->id,
                 strrchr(config->mail_from, '@'));
    buffer_print(out,
                 "Auto-Submitted: auto-generated\r\nContent-Language: %s\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: base64\r\n\r\n",
                 mail->language);
    add_body(out, mail->body);
}

struct reading {
    const struct buffer *letter;
    size_t at;
};

static size_t give(char *room, size_t one, size_t many, void *data) {
    struct reading *reading = data;
    size_t left = reading->letter->length - reading->at;
    size_t length = left < one * many ? left : one * many;
    memcpy(room, reading->letter->data + reading->at, length);
    reading->at += length;
    return length;
}

static CURL *prepare(const struct config *config, struct reading *reading) {
    CURL *curl = curl_easy_init();
    if (!curl)
        abort();
    curl_easy_setopt(curl, CURLOPT_URL, config->smtp_url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* nor one of the environment */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)MAIL_TIME_MS);
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(config->smtp_is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (config->smtp_user[0]) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, config->smtp_user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, config->smtp_password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, config->mail_from);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, reading);
    return curl;
}

/* A server that says no to the password or to TLS would say so to every letter; one that has
 * greeted and then goes away may do so for this one. */
static enum mail_outcome judge(CURLcode code, long response) {
    if (code == CURLE_OK)
        return MAIL_SENT;
    if (code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED || response == 0)
        return MAIL_UNREACHABLE;
    return response >= 500 ? MAIL_REFUSED : MAIL_DELAYED;
}

enum mail_outcome mail_send(const struct config *config, const struct mail *mail) {
    if (!format_find("email")->is_valid(mail->recipient))
        return MAIL_REFUSED;
    auto_buffer letter = {0};
    write_letter(config, mail, &letter);
    struct reading reading = {.letter = &letter};
    CURL *curl = prepare(config, &reading);
    struct curl_slist *recipients = curl_slist_append(NULL, mail->recipient);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    long response = 0;
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response);
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    enum mail_outcome outcome = judge(code, response);
    if (outcome != MAIL_SENT)
        log_write(LOG_WARNING, mail->id, "mail not sent: %s, %ld", curl_easy_strerror(code),
                  response);
    return outcome;
}
