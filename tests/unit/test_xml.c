/* One description, two forms. What is expected are the examples of GeoReport v2, without blanks
 * between elements and with the values that Open311 in Finland asks for where nothing is known. */
#include "check.h"
#include "xml.h"

#include <jansson.h>

static void check_both(void (*describe)(struct xml *xml), const char *as_xml, const char *as_json) {
    const char *const expected[XML_FORM_COUNT] = {as_xml, as_json};
    for (enum xml_form form = 0; form < XML_FORM_COUNT; form++) {
        auto_buffer out = {0};
        struct xml *xml = xml_new(form, &out);
        describe(xml);
        xml_free(xml);
        CHECK_TEXT(out.data, expected[form]);
        json_t *json =
            form == XML_AS_JSON ? json_loads(out.data, JSON_REJECT_DUPLICATES, NULL) : NULL;
        CHECK(form == XML_AS_XML || json);
        json_decref(json);
    }
}

#define DECLARATION "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

static void describe_services(struct xml *xml) {
    xml_list(xml, "services");
    xml_open(xml, "service");
    xml_text(xml, "service_code", "001");
    xml_text(xml, "service_name", "Cans left out 24x7");
    xml_boolean(xml, "metadata", true);
    xml_text(xml, "type", "realtime");
    xml_text(xml, "keywords", "lorem, ipsum, dolor");
    xml_text(xml, "group", "sanitation");
    xml_close(xml);
    xml_open(xml, "service");
    xml_text(xml, "service_code", "002");
    xml_boolean(xml, "metadata", false);
    xml_close(xml);
    xml_close(xml);
}

static void test_a_list_is_an_array(void) {
    check_both(describe_services,
               DECLARATION
               "<services>"
               "<service><service_code>001</service_code>"
               "<service_name>Cans left out 24x7</service_name><metadata>true</metadata>"
               "<type>realtime</type><keywords>lorem, ipsum, dolor</keywords>"
               "<group>sanitation</group></service>"
               "<service><service_code>002</service_code><metadata>false</metadata></service>"
               "</services>",
               "[{\"service_code\":\"001\",\"service_name\":\"Cans left out 24x7\","
               "\"metadata\":true,\"type\":\"realtime\",\"keywords\":\"lorem, ipsum, dolor\","
               "\"group\":\"sanitation\"},{\"service_code\":\"002\",\"metadata\":false}]");
}

static void describe_definition(struct xml *xml) {
    xml_open(xml, "service_definition");
    xml_text(xml, "service_code", "DMV66");
    xml_list(xml, "attributes");
    xml_open(xml, "attribute");
    xml_boolean(xml, "variable", true);
    xml_text(xml, "code", "WHISHETN");
    xml_text(xml, "datatype", "singlevaluelist");
    xml_text(xml, "datatype_description", NULL);
    xml_number(xml, "order", "1");
    xml_list(xml, "values");
    xml_open(xml, "value");
    xml_text(xml, "key", "123");
    xml_text(xml, "name", "Ford");
    xml_close(xml);
    xml_close(xml);
    xml_close(xml);
    xml_close(xml);
    xml_close(xml);
}

static void test_lists_within_keep_their_names(void) {
    check_both(describe_definition,
               DECLARATION
               "<service_definition><service_code>DMV66</service_code>"
               "<attributes><attribute><variable>true</variable><code>WHISHETN</code>"
               "<datatype>singlevaluelist</datatype><datatype_description/><order>1</order>"
               "<values><value><key>123</key><name>Ford</name></value></values>"
               "</attribute></attributes></service_definition>",
               "{\"service_code\":\"DMV66\",\"attributes\":[{\"variable\":true,"
               "\"code\":\"WHISHETN\",\"datatype\":\"singlevaluelist\","
               "\"datatype_description\":\"\",\"order\":1,"
               "\"values\":[{\"key\":\"123\",\"name\":\"Ford\"}]}]}");
}

static void describe_request(struct xml *xml) {
    xml_list(xml, "service_requests");
    xml_open(xml, "request");
    xml_text(xml, "service_request_id", "638344");
    xml_text(xml, "status_notes", "");
    xml_text(xml, "address", NULL);
    xml_number(xml, "lat", "37.762221815");
    xml_number(xml, "long", "-122.4651145");
    xml_number(xml, "accuracy", NULL);
    xml_close(xml);
    xml_close(xml);
}

static void test_what_is_missing(void) {
    check_both(describe_request,
               DECLARATION
               "<service_requests><request><service_request_id>638344</service_request_id>"
               "<status_notes/><address/><lat>37.762221815</lat><long>-122.4651145</long>"
               "</request></service_requests>",
               "[{\"service_request_id\":\"638344\",\"status_notes\":\"\",\"address\":\"\","
               "\"lat\":37.762221815,\"long\":-122.4651145}]");
}

static void describe_nothing(struct xml *xml) {
    xml_list(xml, "service_requests");
    xml_close(xml);
}

static void describe_formats(struct xml *xml) {
    xml_open(xml, "discovery");
    xml_list(xml, "formats");
    xml_text(xml, "format", "text/xml");
    xml_text(xml, "format", "application/json");
    xml_close(xml);
    xml_text(xml, "contact", "x");
    xml_close(xml);
}

static void test_lists_of_nothing_and_of_texts(void) {
    check_both(describe_nothing, DECLARATION "<service_requests></service_requests>", "[]");
    check_both(describe_formats,
               DECLARATION "<discovery><formats><format>text/xml</format>"
                           "<format>application/json</format></formats><contact>x</contact>"
                           "</discovery>",
               "{\"formats\":[\"text/xml\",\"application/json\"],\"contact\":\"x\"}");
}

static void describe_odd_texts(struct xml *xml) {
    xml_list(xml, "errors");
    xml_open(xml, "error");
    xml_text(xml, "description", "</error>&amp; <![CDATA[ \"'\\ ]]> k\xC3\xA4 \xF0\x9F\x8C\xB2");
    xml_text(xml, "lines", "1\r\n2\n\t3");
    xml_text(xml, "controls",
             "a\x01\x08\x0B\x1F\x7F\xC2\x85\xEF\xBF\xBE\xEF\xBF\xBF\xE2\x80\xAE"
             "b");
    xml_text(xml, "bytes", "a\xFF\xED\xA0\x80\xC3");
    xml_text(xml, "nothing", "\x01");
    xml_close(xml);
    xml_close(xml);
}

static void test_texts_stay_texts_in_both(void) {
    check_both(describe_odd_texts,
               DECLARATION
               "<errors><error><description>&lt;/error&gt;&amp;amp; &lt;![CDATA[ &quot;'\\ "
               "]]&gt; k\xC3\xA4 \xF0\x9F\x8C\xB2</description><lines>1\n2\n\t3</lines>"
               "<controls>ab</controls><bytes>a</bytes><nothing/></error></errors>",
               "[{\"description\":\"</error>&amp; <![CDATA[ \\\"'\\\\ ]]> k\xC3\xA4 "
               "\xF0\x9F\x8C\xB2\",\"lines\":\"1\\n2\\n\\t3\",\"controls\":\"ab\","
               "\"bytes\":\"a\",\"nothing\":\"\"}]");
}

int main(void) {
    test_a_list_is_an_array();
    test_lists_within_keep_their_names();
    test_what_is_missing();
    test_lists_of_nothing_and_of_texts();
    test_texts_stay_texts_in_both();
    CHECK_TEXT(xml_types[XML_AS_XML], "text/xml; charset=utf-8");
    CHECK_TEXT(xml_types[XML_AS_JSON], "application/json; charset=utf-8");
    return check_finish();
}
