"""Runs Autobahn's fuzzing client: SUITE URL REPORTS CASE..."""
import sys

sys.path.insert(0, sys.argv[1])

from twisted.internet import reactor
from autobahntestsuite import fuzzing

fuzzing.startClient({
    'options': {'failByDrop': False},
    'outdir': sys.argv[3],
    'servers': [{'agent': 'Switchboard', 'url': sys.argv[2], 'options': {'version': 18}}],
    'cases': sys.argv[4:],
    'exclude-cases': [],
    'exclude-agent-cases': {},
})
reactor.run()
