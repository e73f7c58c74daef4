package io.switchboard.inbox;

class InMemoryLeasesTest implements LeasesContract {
    private final TestClock clock = new TestClock();
    private final InMemoryLeases leases = new InMemoryLeases(clock);

    @Override
    public Leases leases() {
        return leases;
    }

    @Override
    public TestClock clock() {
        return clock;
    }

    @Override
    public void loseLeases() {
        leases.flush();
    }
}
