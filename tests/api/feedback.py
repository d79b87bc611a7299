"""Topics of feedback in a world's municipality, and feedback on them."""
import itertools
import uuid

from pictures import picture

HOME = "743"


def both(words):
    return {"fi": words, "sv": words + " (sv)"}


def question(code, order, datatype="string", *, required=False, **more):
    return {"variable": True, "code": code, "datatype": datatype, "required": required, "order": order,
            "description": both(f"kysymys {code}"), **more}


class Feedback:
    def __init__(self, world):
        self.world = world
        self.years = itertools.count(2001)  # each with the numbers of one test
        self.unit = world.party("unit", title=both("Katuvaloyksikkö"))
        world.holder(self.unit, "lighter")
        self.lighting = self.topic(code="lighting", name=both("Valaistus"), responsible_party_id=self.unit["id"])
        self.health = self.topic(code="health", name=both("Hyvinvointialue"), signpost={
            "name": both("Etelä-Pohjanmaan hyvinvointialue"), "address": "https://hva.example"})
        self.other = self.topic(code="other", name=both("Muu asia"))
        self.topic_below = self.topic(parent_topic_id=self.topic()["id"])
        self.sent, self.published, self.ended, self.withdrawn = (self.send(contact={"name": "Maija"}) for _ in range(4))
        for item, status in ((self.published, "assigned"), (self.ended, "closed")):
            self.set(item, publication="published", published_text="Polku on pimeä.", permits_publication=True, status=status,
                     reply="Korjattu.", published_at="2026-01-01T12:00:00Z")
        self.track(self.withdrawn, "/withdraw")
        self.followed = self.me_too(self.published)
        self.case = self.send()
        self.shown_summary = self.published_summary()
        self.open_tokens, self.answered_tokens, self.closed_tokens = (self.spare(status) for status in ("assigned", "answered", "closed"))
        self.summary = self.summarise()
        self.erasable_tokens = self.spare("closed")
        self.linkable_ids = map(lambda token: str(uuid.UUID(token)), self.spare("assigned"))
        self.image, self.published_image = (self.picture(sent) for sent in (self.sent, self.published))
        self.published_image = self.describe(self.published_image, is_publishable=True)
        self.outcome, self.published_outcome = (self.link(sent, decision_id=world.approval["id"]) for sent in (self.sent, self.published))

    def spare(self, status):
        """Secrets of items that samples change one each, made at once."""
        rows = self.world.rows(
            "with made as (insert into feedback (municipality, kind, text, language, status, due_on, answered_at)"
            " select %s, 'thanks', 'kiitos', 'fi', %s, current_date, now() from generate_series(1, 200) returning municipality, id)"
            " insert into feedback_link (municipality, feedback_id, token_hash)"
            " select municipality, id, sha256(replace(id::text, '-', '')::bytea) from made returning replace(feedback_id::text, '-', '')",
            HOME, status)
        return iter([row[0] for row in rows])

    def topic_body(self, **more):
        return {"code": f"t-{uuid.uuid4().hex}", "name": both("aihe"), **more}

    def topic(self, **more):
        return self.world.make("planner", "feedback-topics", self.topic_body(**more))

    def body(self, **more):
        return {"kind": "fault", "text": "Polku on pimeä.", "language": "fi", "topic_id": self.lighting["id"], **more}

    def summary_body(self, **more):
        return {"responsible_party_id": self.unit["id"], "starts_on": "2025-07-01", "ends_on": "2025-09-30",
                "title": both("Katuvalot heinä–syyskuussa"), **more}

    def summarise(self, *, is_complete=False, **more):
        """A draft of a summary; complete, with what publication asks for."""
        words = {"text_for_staff": both("henkilöstölle"), "text_for_residents": both("asukkaille"),
                 "text_for_stakeholders": both("sidosryhmille"), "actions": [{"text": both("Vaihdetaan lamput")}]} if is_complete else {}
        return self.world.make("planner", "feedback-summaries", self.summary_body(**{**words, **more}))

    def published_summary(self, **more):
        draft = self.summarise(is_complete=True, **more)
        return self.world.of("planner").post(self.world.path("feedback-summaries", draft["id"], "publish")).expect(200).json

    def working_day(self, days):
        """The first so many days from now."""
        return str(self.world.rows("select working_days_after(helsinki_date(now()) + %s - 1, 1)", days)[0][0])

    def send(self, subject=None, **more):
        """What the sender gets back."""
        return self.world.of(subject).post(self.world.path("feedback"), self.body(**more)).expect(201).json

    def track(self, sent, move="", status=200, **more):
        token = sent["tracking_token"] if isinstance(sent, dict) else sent
        return self.world.of().post(self.world.path("feedback/by-token" + move), {"token": token, **more}).expect(status)

    def forgotten(self):
        """Its sender has had it erased."""
        sent = self.send()
        self.track(sent, "/erase")
        return sent

    def me_too(self, sent, status=200):
        """What whoever says the same gets back."""
        return self.world.of().post(self.world.path("feedback", sent["id"], "me-too")).expect(status).json

    def follow(self, said, status=200):
        token = said["tracking_token"] if isinstance(said, dict) else said
        return self.world.of().post(self.world.path("feedback/by-token/follow"), {"token": token}).expect(status)

    def picture(self, sent, data=None, status=201):
        """Added by its sender."""
        return self.world.of().post(self.world.path("feedback", sent["id"], "images"), data or picture(),
                                    headers={"Tracking-Token": sent["tracking_token"]}).expect(status).json

    def describe(self, image, **more):
        return self.world.of("planner").patch(self.world.path("feedback-images", image["id"]),
                                              {"alternative_text": both("lyhtypylväs"), **more}, etag="*").expect(200).json

    def link(self, sent, **to):
        return self.world.make("planner", "feedback-outcomes", {"feedback_id": sent["id"], **to})

    def set(self, sent, **columns):
        """As moves and time will make it."""
        if "answered_at" in columns:
            columns.setdefault("first_answered_at", columns["answered_at"])
        self.world.rows(f"update feedback set {', '.join(f'{name} = %s' for name in columns)} where id = %s", *columns.values(), sent["id"])
