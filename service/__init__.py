"""What the product does. Rule: package roots import none of us, so that a rule can be imported without Flask.

Loading makes 170,000 objects that stay. With its usual threshold the collector would walk over them time and again,
which takes a sixth of a start; so it waits, until create_app gives it the threshold it works with.
"""

import gc

gc.set_threshold(1_000_000)
