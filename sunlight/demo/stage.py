"""The stage of the story: its people, its calendar, and how somebody does something."""

from datetime import datetime, time, timedelta

from sunlight import scope
from sunlight.demo.cast import Cast
from sunlight.journal import checkpoints, relay
from sunlight.kernel.workdays import official
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy.queries.authorities import authorities_of


class Stage:
    """`stage.does("buyer1", service, on=stage.day(-30), …)` calls a service as a person at a moment of the past."""

    def __init__(self, platform_code: str, say, cast: Cast | None = None):
        self.cast = cast or Cast(platform_code)
        self.say = say
        self.today = scope.today(platform_code)
        self._now = scope.now(platform_code)

    def day(self, workdays: int):
        """The working day so many working days before (negative) or after today."""
        return official().shift(self.today, workdays).on if workdays else self.today

    def moment(self, day, hour: int = 10, minute: int = 0) -> datetime:
        """A moment of a day in Asia/Shanghai, never later than now."""
        return min(datetime.combine(day, time(hour, minute), SHANGHAI), self._now)

    def does(self, username: str, call, /, *, on, hour: int = 10, **facts):
        """One service call by one person, in its own transaction, as a request would be."""
        actor = self.cast[username]
        with scope.opened(actor):
            return call(actor=actor, at=self.moment(on, hour), **facts)

    def sees(self, username: str, query):
        """What a query shows a person: `query(actor)`, evaluated to a list."""
        actor = self.cast[username]
        with scope.opened(actor):
            return list(query(actor))

    def system(self, call, *, on, hour: int = 18, **facts):
        """One service call by the platform itself."""
        with scope.opened(self.cast.system):
            return call(actor=self.cast.system, at=self.moment(on, hour), **facts)

    def news_travels(self, on) -> None:
        """Deliver what waits in the outbox, as the relay does every second."""
        while relay.deliver_pending(actor=self.cast.system, at=self.moment(on, 19)):
            pass

    def seals(self) -> None:
        """Seal what happened, as the workers do every second, and sign the head."""
        system = self.cast.system
        while checkpoints.tend(actor=system, at=self._now, told=authorities_of):
            pass
        checkpoints.tend(actor=system, at=self._now, told=authorities_of, at_once=True)

    def weeks_ago(self, weeks: int):
        return self.today - timedelta(weeks=weeks)
