/* A small contract and a request against it, for the tests of the modules that read requests. */
#pragma once

#include "app.h"
#include "request.h"
#include "spec.h"

#include <stdlib.h>
#include <string.h>

/* JSON in C without a backslash before every quote: ' stands for ". */
static inline char *quoted(const char *text) {
    char *copy = strdup(text);
    for (char *at = copy; at && (at = strchr(at, '\'')); at++)
        *at = '"';
    return copy;
}

#define SAMPLE_SCHEMAS \
    "'Text':{'type':'object','additionalProperties':{'type':'string','minLength':1,'maxLength':" \
    "20}," \
    "'propertyNames':{'pattern':'^(fi|sv|en)$'},'minProperties':1}," \
    "'Item':{'type':'object','required':['id','title'],'properties':{" \
    "'id':{'type':'string','format':'uuid','readOnly':true}," \
    "'title':{'$ref':'#/components/schemas/Text'}," \
    "'count':{'type':['integer','null'],'minimum':0,'maximum':100}," \
    "'state':{'type':'string','enum':['open','closed']}," \
    "'starts_on':{'type':['string','null'],'format':'date'}," \
    "'code':{'type':'string','pattern':'^[a-z]+$'}," \
    "'ratio':{'type':'number'}," \
    "'tags':{'type':'array','maxItems':3,'uniqueItems':true,'items':{'type':'string','maxLength':" \
    "5}}," \
    "'embedded':{'type':'object','readOnly':true,'properties':{'others':{'type':'object'," \
    "'properties':{'items':{'type':'array','items':{'$ref':'#/components/schemas/Item'}}}}}}," \
    "'title_label':{'$ref':'#/components/schemas/Text','readOnly':true}}}," \
    "'Patch':{'type':'object','properties':{" \
    "'title':{'$ref':'#/components/schemas/Item/properties/title'}," \
    "'count':{'$ref':'#/components/schemas/Item/properties/count'}," \
    "'state':{'$ref':'#/components/schemas/Item/properties/state'}}}," \
    "'Page':{'type':'object','required':['items'],'properties':{'items':{'type':'array'," \
    "'items':{'$ref':'#/components/schemas/Item'}},'next':{'type':['string','null']}}}"

#define SAMPLE_MUNICIPALITY \
    "{'name':'municipality','in':'path','required':true,'schema':{'type':'string','pattern':'^[0-" \
    "9]{3}$'}}"

#define SAMPLE_JSON \
    "{'openapi':'3.1.0','info':{},'paths':{" \
    "'/v1/forms':{'post':{'operationId':'sendForm','security':[{}],'requestBody':{'required':" \
    "true,'x-body-most-bytes':5000,'content':{'application/x-www-form-urlencoded':{'schema':" \
    "{'type':'object','properties':{'a':{'type':'string'}}}},'multipart/form-data':{'schema':" \
    "{'type':'object','properties':{'a':{'type':'string'}}}}}},'responses':{'204':{" \
    "'description':''}}}}," \
    "'/v1/me':{'get':{'operationId':'getMe','security':[{'bearer':[]}]," \
    "'responses':{'204':{'description':''}}}}," \
    "'/v1/municipalities':{'get':{'operationId':'listMunicipalities','security':[{}]," \
    "'responses':{'200':{'description':'','content':{'application/json':{'schema':" \
    "{'$ref':'#/components/schemas/Page'}}}}}}}," \
    "'/v1/{municipality}/items':{'parameters':[" SAMPLE_MUNICIPALITY "]," \
    "'get':{'operationId':'listItems','security':[{}],'parameters':[" \
    "{'$ref':'#/components/parameters/Limit'}," \
    "{'name':'sort','in':'query','schema':{'type':'string','enum':['-title','title']}}," \
    "{'name':'fields','in':'query','explode':false,'schema':{'type':'array','items':{'type':'" \
    "string'}}}," \
    "{'name':'format','in':'query','schema':{'type':'string','enum':['json','csv']}}," \
    "{'name':'state','in':'query','explode':false,'x-use':'equal','schema':{'type':'array','" \
    "maxItems':2," \
    "'items':{'type':'string','enum':['open','closed']}}}," \
    "{'name':'starts_on_from','in':'query','x-use':'from','schema':{'type':'string','format':'" \
    "date'}}," \
    "{'name':'updated_since','in':'query','x-use':'from','schema':{'type':'string','format':'" \
    "date-time'}}," \
    "{'name':'q','in':'query','schema':{'type':'string','maxLength':10}}," \
    "{'name':'embed','in':'query','explode':false,'x-embeds':{'others':{'list':'listItems'," \
    "'filter':'state','by':'code'}},'schema':{'type':'array','maxItems':3,'items':{'type':'" \
    "string'," \
    "'enum':['others']}}}]," \
    "'responses':{'200':{'description':'','content':{'application/json':{'schema':" \
    "{'$ref':'#/components/schemas/Page'}},'text/csv':{'schema':{'type':'string'}}}}}}," \
    "'post':{'operationId':'createItem','security':[{'bearer':['editor']},{'bearer':['admin']}]," \
    "'parameters':[{'name':'Idempotency-Key','in':'header','required':true,'schema':{'type':'" \
    "string'}}]," \
    "'x-problems':['invalid_body'],'x-body-most-bytes':1000," \
    "'requestBody':{'required':true,'content':{'application/json':{'schema':" \
    "{'$ref':'#/components/schemas/Item'}}}}," \
    "'responses':{'201':{'description':'','content':{'application/json':{'schema':" \
    "{'$ref':'#/components/schemas/Item'}}}}}}}," \
    "'/v1/{municipality}/items/special':{'parameters':[" SAMPLE_MUNICIPALITY "]," \
    "'get':{'operationId':'getSpecial','security':[{}],'responses':{'200':{'description':'','" \
    "content':" \
    "{'text/html':{'schema':{'type':'string'}}}}}}}," \
    "'/v1/{municipality}/items/{id}':{'parameters':[" SAMPLE_MUNICIPALITY "," \
    "{'name':'id','in':'path','required':true,'schema':{'type':'string','format':'uuid'}}]," \
    "'patch':{'operationId':'updateItem','security':[{'bearer':[]}]," \
    "'parameters':[{'name':'If-Match','in':'header','required':true,'schema':{'type':'string'}}]," \
    "'requestBody':{'required':true,'content':{'application/merge-patch+json':{'schema':" \
    "{'$ref':'#/components/schemas/Patch'}}}}," \
    "'responses':{'200':{'description':'','content':{'application/json':{'schema':" \
    "{'$ref':'#/components/schemas/Item'}}}}}}}," \
    "'/v1/{municipality}/items/{id}/close':{'parameters':[" SAMPLE_MUNICIPALITY "," \
    "{'name':'id','in':'path','required':true,'schema':{'type':'string','format':'uuid'}}]," \
    "'post':{'operationId':'closeItem','security':[{'bearer':['editor']}]," \
    "'responses':{'200':{'description':'','content':{'application/json':{'schema':" \
    "{'$ref':'#/components/schemas/Item'}}}}}}}}," \
    "'components':{'x-roles':{'admin':{'description':''},'editor':{'description':''}}," \
    "'parameters':{'Limit':{'name':'limit','in':'query','schema':{'type':'integer','minimum':1," \
    "'maximum':200}}}," \
    "'schemas':{" SAMPLE_SCHEMAS "}}}"

#define SAMPLE_ID "0190a0b0-0000-7000-8000-000000000001"

static inline struct spec *sample_spec(void) {
    char *json = quoted(SAMPLE_JSON);
    struct spec *spec = spec_new(json, strlen(json));
    free(json);
    return spec;
}

/* A request with at most four headers; `names_and_values` in pairs, NULL at the end. */
struct sample {
    struct app app;
    struct header headers[4];
    struct request request;
};

static inline void sample_init(struct sample *sample, struct spec *spec, const char *method,
                               const char *target, const char *const *names_and_values) {
    *sample = (struct sample){0};
    sample->app.spec = spec;
    sample->app.config.body_most_bytes = 262144;
    sample->app.config.cors_origins = "https://a.example, https://b.example";
    sample->app.config.public_url = "";
    sample->request.app = &sample->app;
    sample->request.method = method;
    sample->request.target = target;
    sample->request.language = LANGUAGE_EN;
    sample->request.headers = sample->headers;
    while (names_and_values && *names_and_values) {
        struct header *header = &sample->headers[sample->request.header_count++];
        header->name = *names_and_values++;
        header->value = *names_and_values++;
    }
}
#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "code where, code where" of all faults in a static buffer. */
static inline const char *faults_text(const struct problem *problem) {
    static char text[4096];
    size_t length = 0;
    text[0] = '\0';
    for (const struct fault *fault = problem->faults; fault && length < sizeof text;
         fault = fault->next)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s %s",
                                   length ? ", " : "", problem_name(fault->code), fault->where);
    return text;
}
