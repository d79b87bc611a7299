"""Topics of feedback in a world's municipality, and feedback on them."""
import uuid


def both(words):
    return {"fi": words, "sv": words + " (sv)"}


def question(code, order, datatype="string", *, required=False, **more):
    return {"variable": True, "code": code, "datatype": datatype, "required": required, "order": order,
            "description": both(f"kysymys {code}"), **more}


class Feedback:
    def __init__(self, world):
        self.world = world
        self.unit = world.party("unit", title=both("Katuvaloyksikkö"))
        self.topic_below = self.topic(parent_topic_id=self.topic()["id"])

    def topic_body(self, **more):
        return {"code": f"t-{uuid.uuid4().hex}", "name": both("aihe"), **more}

    def topic(self, **more):
        return self.world.make("planner", "feedback-topics", self.topic_body(**more))
