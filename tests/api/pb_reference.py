"""The rules of counting written a second time, plainly and with Fractions only, and a generator of elections."""
import random
from fractions import Fraction
from math import floor


class Election:
    """`ballots` are {project: points}; blank ones count."""

    def __init__(self, budget, costs, ballots, vote_type="approval"):
        self.budget, self.costs, self.ballots, self.vote_type = Fraction(budget), costs, ballots, vote_type
        self.scores = {p: sum((ballot.get(p, 0) for ballot in ballots), Fraction(0)) for p in costs}

    def text(self):
        points = self.vote_type in ("cumulative", "scoring")
        meta = {"description": "generated", "country": "Finland", "unit": "x", "instance": "2025", "num_projects": len(self.costs),
                "num_votes": len(self.ballots), "budget": decimal(self.budget), "vote_type": self.vote_type, "rule": "unknown",
                "date_begin": "2025", "date_end": "2025"}
        lines = ["META", "key;value", *(f"{key};{value}" for key, value in meta.items()), "PROJECTS", "project_id;cost",
                 *(f"{p};{decimal(cost)}" for p, cost in self.costs.items()), "VOTES", "voter_id;vote" + ";points" * points]
        for number, ballot in enumerate(self.ballots):
            chosen = sorted(ballot, key=lambda p: -ballot[p]) if self.vote_type == "ordinal" else list(ballot)
            lines.append(f"v{number};" + ",".join(chosen) + (";" + ",".join(decimal(ballot[p]) for p in chosen)) * points)
        return "\n".join(lines) + "\n"


def decimal(number):
    """An exact decimal; the generator makes nothing finer than hundredths."""
    number = Fraction(number)
    assert (number * 100).denominator == 1
    return str(number.numerator) if number.denominator == 1 else f"{floor(number)}.{floor(number * 100) % 100:02}"


class Count:
    def __init__(self, election, ties="lexico", minimum=0):
        self.election, self.has_tie = election, False
        self.costs = {p: c for p, c in election.costs.items() if election.scores[p] >= minimum}
        order = sorted(election.costs, key=(lambda p: (election.costs[p], -election.scores[p], p)) if ties == "cost_votes_id" else None)
        self.rank = {p: place for place, p in enumerate(order)}

    def spent(self, chosen):
        return sum((self.costs[p] for p in chosen), Fraction(0))

    def choose(self, equals):
        self.has_tie |= len(equals) > 1
        return min(equals, key=self.rank.get)

    def greedy(self, key, stops=False, chosen=()):
        left, pool = self.election.budget - self.spent(chosen), [p for p in self.costs if p not in chosen]
        self.has_tie |= len({key(p) for p in pool}) < len(pool)
        for p in sorted(pool, key=lambda p: (-key(p), self.rank[p])):
            if self.costs[p] <= left:
                chosen = [*chosen, p]
                left -= self.costs[p]
            elif stops:
                break
        return list(chosen)

    def candidates(self):
        return {p: {i: b[p] for i, b in enumerate(self.election.ballots) if b.get(p, 0) > 0}
                for p in self.costs if self.costs[p] <= self.election.budget and any(b.get(p, 0) > 0 for b in self.election.ballots)}

    def shares(self, endowment, by_cost, costs):
        money, chosen = [endowment] * len(self.election.ballots), []
        supporters = {p: s for p, s in self.candidates().items() if costs[p] > 0}
        while True:
            prices = {}
            for p, points in supporters.items():
                if p in chosen or sum(money[i] for i in points) < costs[p]:
                    continue
                due, weight = costs[p], sum(points.values())
                for i in sorted(points, key=lambda i: money[i] / points[i]):
                    prices[p] = Fraction(due) / weight
                    if money[i] >= prices[p] * points[i]:
                        break
                    due, weight = due - money[i], weight - points[i]
            if not prices:
                return chosen
            keys = {p: price / costs[p] if by_cost else price for p, price in prices.items()}
            p = self.choose([p for p in keys if keys[p] == min(keys.values())])
            for i, points in supporters[p].items():
                money[i] -= min(money[i], prices[p] * points)
            chosen.append(p)

    def add1(self, by_cost, flavour):
        budget, voters, costs = self.election.budget, len(self.election.ballots), dict(self.costs)
        whole = Fraction(floor(budget / voters))
        if flavour == "tool" and self.spent(self.costs) <= budget:
            return self.shares(budget / voters, by_cost, costs)
        if flavour == "checker":
            costs = {p: Fraction(floor(c)) for p, c in costs.items()}
        endowment = whole if flavour == "tool" else budget / voters
        chosen = self.shares(endowment, by_cost, costs)
        if self.spent(chosen) > budget:
            costs = dict(self.costs)
            chosen = self.shares(endowment, by_cost, costs)
        endowment = whole if flavour == "checker" else endowment
        wanted = {p for p in self.candidates() if costs[p] > 0}
        while not wanted <= set(chosen):
            fits = {p for p in self.costs if p not in chosen and self.costs[p] <= budget - self.spent(chosen)}
            if flavour != "checker" and not (fits if flavour == "tool" else fits & wanted):
                break
            endowment += 1
            following = self.shares(endowment, by_cost, costs)
            if max(self.spent(following), sum(costs[p] for p in following)) > budget:
                break
            chosen = following
        return chosen

    def phragmen(self):
        loads, left, chosen = [Fraction(0)] * len(self.election.ballots), self.election.budget, []
        supporters = self.candidates()
        while len(chosen) < len(supporters):
            load = {p: (self.costs[p] + sum(loads[i] for i in s)) / len(s) for p, s in supporters.items() if p not in chosen}
            least = [p for p in load if load[p] == min(load.values())]
            p = self.choose(least)
            if any(self.costs[q] > left for q in least):
                break
            for i in supporters[p]:
                loads[i] = load[p]
            left -= self.costs[p]
            chosen.append(p)
        return chosen

    def count(self, rule, completion="none", flavour="pabutools"):
        scores = self.election.scores
        if rule == "phragmen":
            return self.phragmen()
        if rule == "greedy_density":
            return self.greedy(lambda p: scores[p] / self.costs[p])
        if rule.startswith("greedy"):
            return self.greedy(scores.get, stops=rule == "greedy_votes_noskip")
        by_cost, voters = rule == "mes_cost", len(self.election.ballots)
        if not voters:
            chosen = []
        elif completion.startswith("add1"):
            chosen = self.add1(by_cost, flavour)
        else:
            chosen = self.shares(self.election.budget / voters, by_cost, dict(self.costs))
        return self.greedy(scores.get, chosen=chosen) if completion.endswith("u") else chosen


def generate(seed):
    """Small elections full of ties: few costs, repeated ballots, blank ones, unsupported and unaffordable projects."""
    chance = random.Random(seed)
    kind = chance.choice(["approval", "approval", "approval", "choose-1", "ordinal", "cumulative", "scoring"])
    unit = chance.choice([Fraction(1), Fraction(1), Fraction(100), Fraction(1, 100)])
    ids = [f"{chance.choice(['', 'p', 'P-'])}{n}" for n in chance.sample(range(1, 40), chance.randint(1, 9))]
    costs = {p: chance.choice([1, 2, 3, 5, chance.randint(1, 60)]) * unit for p in ids}
    budget = chance.randint(0, 1 + int(sum(costs.values()) / unit)) * unit
    ballots = []
    for _ in range(chance.choice([0, 1, chance.randint(2, 12), chance.randint(2, 40)])):
        most = 1 if kind == "choose-1" else len(ids)
        chosen = chance.sample(ids, chance.randint(0, most))
        if kind == "ordinal":
            ballots.append({p: Fraction(len(chosen) - place) for place, p in enumerate(chosen)})
        elif kind in ("cumulative", "scoring"):
            least = 0 if kind == "cumulative" else -2
            ballots.append({p: Fraction(chance.randint(least, 5), chance.choice([1, 1, 2])) for p in chosen
                            if least == 0 or kind == "scoring"})
        else:
            ballots.append({p: Fraction(1) for p in chosen})
        if chance.random() < 0.3:
            ballots.append(ballots[-1])
    if kind == "scoring":
        ballots = [{p: abs(points) for p, points in ballot.items()} for ballot in ballots]
    return Election(budget, costs, ballots, kind)


def generate_large(seed, voters=300, projects=24):
    """So many voters that money takes long fractions, and few of them have the same."""
    chance = random.Random(seed)
    costs = {f"p{n:02}": Fraction(chance.randint(100, 3000)) for n in range(projects)}
    likes = [chance.paretovariate(1) for _ in costs]
    ballots = [dict.fromkeys(chance.choices(list(costs), likes, k=chance.randint(1, 8)), Fraction(1)) for _ in range(voters)]
    return Election(int(sum(costs.values())) * 2 // 5, costs, ballots)
