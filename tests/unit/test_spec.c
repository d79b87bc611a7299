/* Reading the contract, and finding operations by path. */
#include "check.h"
#include "form.h"
#include "sample.h"

static const struct operation *operation_of(const struct spec *spec, const char *id) {
    size_t count;
    const struct operation *operations = spec_operations(spec, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(operations[i].id, id) == 0)
            return &operations[i];
    return NULL;
}

static void test_spec_reads_operations(const struct spec *spec) {
    const struct operation *list = operation_of(spec, "listItems");
    CHECK(list && list->is_public && list->is_list &&
          list->offers == (1u << MEDIA_CSV | 1u << MEDIA_JSON));
    CHECK(list && schema_member(list->item, "title_label"));
    CHECK_TEXT(list->sort_default, "-title");
    CHECK_TEXT(list->path_parameters[0], "municipality");
    CHECK(list->query_parameter_count == 9);
    const struct parameter *parameters = list->query_parameters;
    CHECK(parameters[0].use == PARAMETER_PAGE && !parameters[0].is_list);
    CHECK(parameters[4].use == PARAMETER_EQUAL && parameters[4].is_list &&
          parameters[4].items_most == 2);
    CHECK_TEXT(parameters[5].column, "starts_on");
    CHECK_TEXT(parameters[6].column, "updated_at");
    CHECK(parameters[7].use == PARAMETER_NAMED);
    CHECK(parameters[8].use == PARAMETER_PAGE && list->embed_count == 1);
    CHECK(list->embeds[0].list == list);
    CHECK_TEXT(list->embeds[0].by, "code");

    const struct operation *create = operation_of(spec, "createItem");
    CHECK(create && !create->is_public && create->roles == 3 && !create->is_list);
    CHECK_TEXT(create->role_names, "admin, editor");
    CHECK(create->requires_idempotency_key && create->takes_idempotency_key &&
          create->body_required);
    CHECK(create->body_most_bytes == 1000);
    CHECK_TEXT(create->body_media, "application/json");

    const struct operation *update = operation_of(spec, "updateItem");
    CHECK(update && !update->is_public && update->roles == 0 && update->takes_if_match);
    CHECK(!create->form_kinds);

    const struct operation *send = operation_of(spec, "sendForm");
    CHECK(send && !send->body && send->body_required && send->body_most_bytes == 5000);
    CHECK(send && send->form_kinds == (1u << FORM_MULTIPART | 1u << FORM_URLENCODED));
    CHECK_TEXT(send->body_media, "application/x-www-form-urlencoded, multipart/form-data");
    CHECK(operation_of(spec, "getSpecial")->offers == 1u << MEDIA_HTML);
    CHECK(spec_role(spec, "editor") == 1 && spec_role(spec, "nobody") == -1);
    CHECK_TEXT(spec_role_name(spec, 0), "admin");
    CHECK_TEXT(spec_role_name(spec, 2), NULL);
}

/* The operationId, or the problem's code. */
static const char *route(struct spec *spec, const char *method, const char *path,
                         const char **ret_allow) {
    static struct sample sample;
    request_clear(&sample.request);
    sample_init(&sample, spec, method, path, NULL);
    *ret_allow = NULL;
    if (!spec_match(spec, &sample.request, path, ret_allow))
        return problem_name(sample.request.problem.code);
    return sample.request.operation ? sample.request.operation->id : "";
}

static void test_spec_match_finds_only_what_is_there(struct spec *spec) {
    const char *allow;
    CHECK_TEXT(route(spec, "GET", "/v1/municipalities", &allow), "listMunicipalities");
    CHECK_TEXT(route(spec, "GET", "/v1/743/items", &allow), "listItems");
    CHECK_TEXT(route(spec, "POST", "/v1/743/items", &allow), "createItem");
    CHECK_TEXT(route(spec, "GET", "/v1/743/items/special", &allow), "getSpecial");
    CHECK_TEXT(route(spec, "PATCH", "/v1/743/items/" SAMPLE_ID, &allow), "updateItem");
    CHECK_TEXT(route(spec, "POST", "/v1/743/items/" SAMPLE_ID "/close", &allow), "closeItem");
    const char *const unknown[] = {"/",
                                   "/v1",
                                   "/v1/",
                                   "/v1/743",
                                   "/v1/743/items/",
                                   "//v1/743/items",
                                   "/v1//items",
                                   "/v1/743/item",
                                   "/v1/743/itemsx",
                                   "/v1/74/items",
                                   "/v1/7430/items",
                                   "/v1/743/items/x/y/z",
                                   "/v1/municipalities/items/special/x",
                                   "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        const char *found = route(spec, "GET", unknown[i], &allow);
        CHECK_TEXT(found, "not_found");
        if (strcmp(found, "not_found") != 0)
            fprintf(stderr, "    path     %s\n", unknown[i]);
    }
    /* A fixed name that leads nowhere gives way to the parameter. */
    CHECK_TEXT(route(spec, "POST", "/v1/743/items/special/close", &allow), "not_found");
    CHECK_TEXT(route(spec, "GET", "/v1/municipalities/items", &allow), "not_found");
}

static void test_spec_match_refuses_methods_with_allow(struct spec *spec) {
    const char *allow;
    const char *const methods[] = {"DELETE", "TRACE", "get", "CONNECT", "BREW", ""};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        CHECK_TEXT(route(spec, methods[i], "/v1/743/items", &allow), "method_not_allowed");
        CHECK_TEXT(allow, "GET, HEAD, POST, OPTIONS");
    }
    CHECK_TEXT(route(spec, "HEAD", "/v1/743/items", &allow), "listItems");
    CHECK_TEXT(route(spec, "HEAD", "/v1/743/items/" SAMPLE_ID, &allow), "method_not_allowed");
    CHECK_TEXT(allow, "PATCH, OPTIONS");
    CHECK_TEXT(route(spec, "OPTIONS", "/v1/743/items", &allow), "");
    CHECK(spec_find(spec, "POST", "/v1/743/items") && !spec_find(spec, "PUT", "/v1/743/items"));
}

static void test_spec_match_fills_values(struct spec *spec) {
    struct sample sample;
    const char *allow;
    sample_init(&sample, spec, "HEAD", "", NULL);
    CHECK(spec_match(spec, &sample.request, "/v1/091/items", &allow));
    CHECK_TEXT(sample.request.municipality, "091");
    CHECK_TEXT(request_parameter(&sample.request, "municipality"), "091");
    CHECK(sample.request.is_head);
    request_clear(&sample.request);
    sample_init(&sample, spec, "POST", "", NULL);
    CHECK(spec_match(spec, &sample.request, "/v1/091/items/" SAMPLE_ID "/close", &allow));
    CHECK_TEXT(request_parameter(&sample.request, "id"), SAMPLE_ID);
    CHECK_TEXT(request_parameter(&sample.request, "other"), NULL);
    request_clear(&sample.request);
}

/* The sample with one text replaced, all of it read: is it taken? */
static bool is_taken(const char *from, const char *to) {
    char *sample = strdup(SAMPLE_JSON);
    char *at = strstr(sample, from);
    CHECK(at);
    struct buffer changed = {0};
    buffer_print(&changed, "%.*s%s%s", (int)(at - sample), sample, to, at + strlen(from));
    char *json = quoted(changed.data);
    struct spec *spec = spec_new(json, strlen(json));
    bool taken = spec;
    spec_free(spec);
    free(json);
    buffer_clear(&changed);
    free(sample);
    return taken;
}

/* A picture is a body in the three kinds that are read, and in no other company. */
static void test_spec_new_takes_pictures_whole(void) {
    const char *json = "'application/json':{'schema':{'$ref':'#/components/schemas/Item'}}}},"
                       "'responses':{'201'";
    const struct {
        const char *content;
        bool is_right;
    } bodies[] = {{"'image/jpeg':{},'image/png':{},'image/webp':{}", true},
                  {"'image/jpeg':{},'image/png':{}", false},
                  {"'image/jpeg':{},'image/png':{},'image/webp':{},'image/gif':{}", false},
                  {"'image/gif':{}", false}};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        auto_buffer content = {0};
        buffer_print(&content, "%s}},'responses':{'201'", bodies[i].content);
        CHECK(is_taken(json, content.data) == bodies[i].is_right);
    }
}

static void test_spec_new_refuses_what_it_does_not_know(void) {
    CHECK(is_taken("'info':{}", "'info':{'title':'x'}"));
    CHECK(is_taken("'content':{'application/x-www-form-urlencoded':{'schema':{'type':'object',"
                   "'properties':{'a':{'type':'string'}}}},",
                   "'content':{"));
    const char *const changes[][2] = {
        {"'info':{}", "'info':{},'webhooks':{}"},
        {"'info':{}", "'info':{},'security':[]"},
        {"'operationId':'listItems','security':[{}],", "'operationId':'listItems',"},
        {"'operationId':'listItems','security':[{}],", "'operationId':'listItems','security':[],"},
        {"'operationId':'listItems'", "'operationId':'createItem'"},
        {"'operationId':'listItems'", "'operationid':'listItems'"},
        {"{'bearer':['editor']}", "{'bearer':['stranger']}"},
        {"{'bearer':['editor']}", "{'bearer':['editor','admin']}"},
        {"{'bearer':['editor']}", "{'oauth':['editor']}"},
        {"'x-problems':['invalid_body']", "'x-problems':['invalid_bodies']"},
        {"'x-problems'", "'x-trouble'"},
        {"'name':'Idempotency-Key','in':'header'", "'name':'X-Key','in':'header'"},
        {"'name':'limit','in':'query'", "'name':'limit','in':'cookie'"},
        {"'x-use':'equal'", "'x-use':'like'"},
        {"'name':'starts_on_from'", "'name':'starts_after'"},
        {"'list':'listItems'", "'list':'listNothing'"},
        {"'list':'listItems'", "'list':'closeItem'"},
        {"'list':'listItems'", "'list':'listMunicipalities'"},
        {"'list':'listItems'", "'lists':'listItems'"},
        {"'filter':'state'", "'filter':'starts_on_from'"},
        {"'by':'code'", "'by':'nothing'"},
        {"'enum':['others']", "'enum':['others','more']"},
        {"'enum':['others']", "'enum':['more']"},
        {"'items':{'$ref':'#/components/schemas/Item'}}}}}},",
         "'items':{'$ref':'#/components/schemas/Text'}}}}}},"},
        {"'name':'starts_on_from'", "'name':'starts_on;_from'"},
        {"'explode':false,'x-use':'equal'", "'x-use':'equal'"},
        {"'name':'q','in':'query'", "'name':'limit','in':'query'"},
        {"'#/components/parameters/Limit'", "'#/components/parameters/Limits'"},
        {"'name':'id','in':'path'", "'name':'ident','in':'path'"},
        {"{'name':'id','in':'path','required':true", "{'name':'id','in':'path'"},
        {"application/merge-patch+json", "application/json"},
        {"'requestBody':{'required':true,'content':{",
         "'requestBody':{'required':true,'content':{'text/plain':{},"},
        {"'multipart/form-data':{", "'multipart/mixed':{"},
        {"'multipart/form-data':{", "'application/json':{"},
        {"'multipart/form-data':{'schema':", "'multipart/form-data':{'encoding':{},'schema':"},
        {"'multipart/form-data':{'schema':", "'multipart/form-data':{'example':"},
        {"{'post':{'operationId':'sendForm'", "{'put':{'operationId':'sendForm'"},
        {"'/v1/{municipality}/items/special'", "'/v1/{municipality}/items/x{y}'"},
        {"'name':'q','in':'query','schema':{'type':'string'",
         "'name':'q','in':'query','schema':{'type':'object'"},
        {"'name':'q','in':'query','schema':{'type':'string'",
         "'name':'q','in':'query','schema':{'type':['string','null']"},
        {"'name':'q','in':'query','schema':{'type':'string'",
         "'name':'q','in':'query','schema':{'title':'x'"},
        {"'Limit':{", "'Other':{'$ref':'#/components/parameters/Limit'},'Limit':{'$ref':'#/"
                      "components/parameters/Other',"},
        {"'name':'limit','in':'query'", "'name':'limit','in':'query','x-use':'other'"},
        {"'maxLength':5", "'maxLength':5,'oneOf':[]"},
        {"'responses':{'201':{'description':''", "'responses':{'201':{'links':{}"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        bool taken = is_taken(changes[i][0], changes[i][1]);
        CHECK(!taken);
        if (taken)
            fprintf(stderr, "    taken    %s\n", changes[i][1]);
    }
    CHECK(!spec_new("{", 1));
    CHECK(!spec_new("[]", 2));
}

int main(void) {
    struct spec *spec = sample_spec();
    CHECK(spec);
    if (!spec)
        return check_finish();
    test_spec_reads_operations(spec);
    test_spec_match_finds_only_what_is_there(spec);
    test_spec_match_refuses_methods_with_allow(spec);
    test_spec_match_fills_values(spec);
    /* Every binding of the program is left over here, and no operation of the sample is bound. */
    CHECK(!spec_bind(spec));
    spec_free(spec);
    test_spec_new_refuses_what_it_does_not_know();
    test_spec_new_takes_pictures_whole();
    return check_finish();
}
