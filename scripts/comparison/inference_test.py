"""Tests of the statistics against counting by hand, published values, and simulations with a fixed seed."""

import itertools
import math
import os
import random
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import inference  # noqa: E402

SIGN_TEST, SIGNED_RANKS = 1e-9, 1.0  # the two ends of what CAP may be


def capped(test, cap):
    """Lets a test run with another CAP, whose tables are forgotten afterwards."""
    patched = mock.patch.object(inference, "CAP", cap)
    patched.start()
    inference._upper_tail.cache_clear()
    test.addCleanup(inference._upper_tail.cache_clear)
    test.addCleanup(patched.stop)


def counted_p(values):
    """P(sum of scores >= what was found), by trying all signs of all values that are not zero."""
    scores = inference.scores(len(values))
    order = sorted(abs(value) for value in values)
    shared = {}
    for size in set(order):
        same = [score for score, each in zip(scores, order) if each == size]
        shared[size] = sum(same) / len(same)
    zeros = sum(shared[0] / 2 for value in values if value == 0)
    found = zeros + sum(shared[abs(value)] for value in values if value > 0)
    parts = [shared[abs(value)] for value in values if value != 0]
    sums = [zeros + sum(itertools.compress(parts, signs)) for signs in itertools.product((0, 1), repeat=len(parts))]
    return sum(each >= found - 1e-9 for each in sums) / len(sums)


def bimodal(rng):
    """Noise as of a machine with a fast and a slow mode, and outliers: log ratio of two draws."""
    def draw():
        return rng.choice((0.0, 0.0, 0.25)) + rng.gauss(0, 0.01) + (rng.random() < 0.05) * rng.expovariate(2)

    return draw() - draw()


class ScoresTest(unittest.TestCase):
    def test_by_count(self):
        for count, expected in ((0, []), (1, [1]), (2, [1, 1]), (4, [1, 2, 2, 2]), (6, [1, 2, 3, 3, 3, 3]),
                                (8, [1, 2, 3, 4, 4, 4, 4, 4])):
            self.assertEqual(inference.scores(count), expected)

    def test_ends(self):
        capped(self, SIGNED_RANKS)
        self.assertEqual(inference.scores(5), [1, 2, 3, 4, 5])
        capped(self, SIGN_TEST)
        self.assertEqual(inference.scores(5), [1, 1, 1, 1, 1])


class ProbabilityTest(unittest.TestCase):
    def test_signed_ranks_against_published_tables(self):
        """Wilcoxon's table: P(sum of the ranks of the negative values <= t)."""
        capped(self, SIGNED_RANKS)
        for count, t, expected in ((5, 0, 0.0313), (6, 2, 0.0469), (8, 5, 0.0391), (10, 10, 0.0420), (10, 5, 0.0098),
                                   (12, 17, 0.0461), (20, 60, 0.0487)):
            values, left = [], t
            for rank in range(count, 0, -1):
                negative = rank <= left
                left -= rank * negative
                values.append(-rank if negative else rank)
            self.assertEqual(left, 0)
            self.assertAlmostEqual(inference.p_above(values), expected, delta=6e-5, msg=(count, t))

    def test_sign_test(self):
        capped(self, SIGN_TEST)
        rng = random.Random(1)
        for count in (1, 2, 7, 12, 30):
            for above in range(count + 1):
                values = [rng.uniform(0.1, 9) * (1 if at < above else -1) for at in range(count)]
                expected = sum(math.comb(count, k) for k in range(above, count + 1)) / 2 ** count
                self.assertAlmostEqual(inference.p_above(values), expected, places=12, msg=(count, above))

    def test_equals_what_counting_all_signs_gives(self):
        rng = random.Random(2)
        for cap in (SIGN_TEST, 0.3, 0.5, 0.8, SIGNED_RANKS):
            capped(self, cap)
            for count in (1, 2, 3, 5, 8, 11):
                values = [rng.gauss(0.4, 1) for _ in range(count)]
                self.assertAlmostEqual(inference.p_above(values), counted_p(values), places=12, msg=(cap, values))

    def test_ties_and_zeros_come_close_to_it(self):
        rng = random.Random(3)
        for cap in (0.5, SIGNED_RANKS):
            capped(self, cap)
            for _ in range(60):
                values = [rng.randint(-4, 5) for _ in range(rng.randint(6, 10))]
                found, exact = inference.p_above(values), counted_p(values)
                self.assertLess(abs(found - exact), 0.02 + 0.4 * exact, (cap, values, found, exact))

    def test_all_on_one_side(self):
        for count in (1, 2, 5, 24, 96):
            values = [0.01 * at for at in range(1, count + 1)]
            self.assertAlmostEqual(inference.p_above(values) * 2 ** count, 1.0)
            self.assertAlmostEqual(inference.p_below(values), 1.0)
            self.assertEqual(inference.p_above([1.0] * count), 2.0 ** -count)

    def test_nothing_is_no_evidence(self):
        for values in ([], [0.0], [0.0] * 24, [-1.0, -2.0]):
            self.assertGreaterEqual(inference.p_above(values), 0.5, values)
        for values in ([], [0.0] * 24):
            self.assertGreaterEqual(inference.p_below(values), 0.5, values)

    def test_shift_moves_the_question(self):
        rng = random.Random(4)
        values = [rng.gauss(0, 1) for _ in range(20)]
        for shift in (-1.0, 0.3, 2.0):
            moved = [value - shift for value in values]
            self.assertEqual(inference.p_above(values, shift), inference.p_above(moved))
            self.assertEqual(inference.p_below(values, shift), inference.p_below(moved))

    def test_mirrored(self):
        rng = random.Random(5)
        for _ in range(20):
            values = [bimodal(rng) for _ in range(15)]
            self.assertEqual(inference.p_above(values), inference.p_below([-value for value in values]))
            self.assertGreater(inference.p_above(values) + inference.p_below(values), 1 - 1e-9)

    def test_falls_as_values_grow(self):
        rng = random.Random(6)
        for _ in range(20):
            values = [rng.gauss(0, 1) for _ in range(16)]
            found = [inference.p_above([value + at / 10 for value in values]) for at in range(-20, 21)]
            self.assertEqual(found, sorted(found, reverse=True))
            values[3] += 2.0  # one alone as well
            self.assertLessEqual(inference.p_above(values), found[20] + 1e-12)

    def test_order_does_not_matter(self):
        rng = random.Random(7)
        values = [rng.randint(-3, 4) for _ in range(20)]

        def found():
            return inference.p_above(values), inference.centre(values), inference.interval(values, 0.9)

        expected = found()
        rng.shuffle(values)
        self.assertEqual(found(), expected)

    def test_infinite_values_count_by_their_sign(self):
        values = [0.1, 0.2, -0.3, 0.4, 0.5, 0.6]
        for far in (math.inf, -math.inf):
            self.assertEqual(inference.p_above([*values, far]), inference.p_above([*values, math.copysign(99, far)]))

    def test_false_alarms_keep_to_the_level(self):
        rng = random.Random(8)
        for draw in (lambda: rng.gauss(0, 1), lambda: bimodal(rng)):
            alarms = sum(inference.p_above([draw() for _ in range(24)]) <= 0.05 for _ in range(3000))
            self.assertTrue(100 < alarms < 190, alarms)


class CentreTest(unittest.TestCase):
    def test_by_hand(self):
        for values, expected in (([3.0], 3.0), ([1.0, 2.0], 1.5), ([2.0] * 7, 2.0), ([-1.0, 0.0, 1.0], 0.0),
                                 ([0.0] * 24, 0.0)):
            self.assertAlmostEqual(inference.centre(values), expected, places=6, msg=values)

    def test_of_signed_ranks_is_the_median_of_pairwise_means(self):
        capped(self, SIGNED_RANKS)
        rng = random.Random(1)
        for count in (3, 8, 13):
            values = [rng.gauss(0, 1) for _ in range(count)]
            means = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
            median = (means[(len(means) - 1) // 2] + means[len(means) // 2]) / 2
            self.assertAlmostEqual(inference.centre(values), median, places=5)

    def test_of_signs_is_the_median(self):
        capped(self, SIGN_TEST)
        for values, expected in (([5.0, 1.0, 3.0], 3.0), ([1.0, 2.0, 4.0, 9.0], 3.0)):
            self.assertAlmostEqual(inference.centre(values), expected, places=5)

    def test_moves_with_the_values(self):
        rng = random.Random(2)
        values = [bimodal(rng) for _ in range(24)]
        before = inference.centre(values)
        self.assertAlmostEqual(inference.centre([value + 0.03 for value in values]), before + 0.03, places=6)
        self.assertAlmostEqual(inference.centre([-value for value in values]), -before, places=6)

    def test_a_few_outliers_hardly_move_it(self):
        rng = random.Random(3)
        values = [rng.gauss(0, 0.01) for _ in range(24)]
        self.assertLess(abs(inference.centre(values[:20] + [5.0] * 4) - inference.centre(values)), 0.01)


class IntervalTest(unittest.TestCase):
    def test_too_few_values(self):
        for count in range(8):
            self.assertEqual(inference.interval([1.0] * count, 0.99), (-math.inf, math.inf), count)
        low, high = inference.interval([float(at) for at in range(8)], 0.99)
        self.assertAlmostEqual(low, 0.0, places=5)
        self.assertAlmostEqual(high, 7.0, places=5)

    def test_of_signs_are_order_statistics(self):
        """As tables of the sign test have it: of 20 values, the 95 % interval lies between the 6th and the 15th."""
        capped(self, SIGN_TEST)
        values = [float(at) for at in range(1, 21)]
        random.Random(1).shuffle(values)
        for found, expected in zip(inference.interval(values, 0.95), (6.0, 15.0)):
            self.assertAlmostEqual(found, expected, places=4)

    def test_of_signed_ranks_are_pairwise_means(self):
        """As Wilcoxon's table has it: of 10 values, the 95 % interval leaves out 8 of 55 means on either side."""
        capped(self, SIGNED_RANKS)
        rng = random.Random(2)
        values = [rng.gauss(0, 1) for _ in range(10)]
        means = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
        for found, expected in zip(inference.interval(values, 0.95), (means[8], means[-9])):
            self.assertAlmostEqual(found, expected, places=5)

    def test_agrees_with_the_test(self):
        rng = random.Random(3)
        for _ in range(10):
            values = [bimodal(rng) for _ in range(24)]
            low, high = inference.interval(values, 0.99)
            self.assertLessEqual(low, inference.centre(values))
            self.assertLessEqual(inference.centre(values), high)
            for inside, outside in ((low + 1e-5, low - 1e-5), (high - 1e-5, high + 1e-5)):
                self.assertGreater(min(inference.p_above(values, inside), inference.p_below(values, inside)), 0.005)
                self.assertLessEqual(min(inference.p_above(values, outside), inference.p_below(values, outside)), 0.005)

    def test_wider_with_more_confidence(self):
        rng = random.Random(4)
        values = [rng.gauss(0, 1) for _ in range(40)]
        low, high = 0.0, 0.0
        for confidence in (0.5, 0.8, 0.9, 0.99, 0.9999):
            wider = inference.interval(values, confidence)
            self.assertTrue(wider[0] <= low and high <= wider[1] or confidence == 0.5, confidence)
            low, high = wider

    def test_holds_the_truth_as_often_as_it_says(self):
        rng = random.Random(5)
        for draw in (lambda: rng.gauss(0, 0.01), lambda: bimodal(rng)):
            missed = 0
            for _ in range(400):
                low, high = inference.interval([0.02 + draw() for _ in range(16)], 0.9)
                missed += not low <= 0.02 <= high
            self.assertTrue(18 <= missed <= 60, missed)


class HolmTest(unittest.TestCase):
    def test_by_hand(self):
        cases = (
            # At 5 % of four: compared with 0.0125, 0.0167, 0.025, 0.05. The third stops it.
            ([0.01, 0.04, 0.03, 0.005], 0.05, [True, False, False, True]),
            ([0.001, 0.002, 0.003], 0.05, [True, True, True]),
            ([0.02, 0.001, 0.02], 0.05, [True, True, True]),
            ([0.0126, 0.0126, 0.0126, 0.0126], 0.05, [False, False, False, False]),
            ([0.0125, 0.9, 0.9, 0.9], 0.05, [True, False, False, False]),
            # What comes after one that stands is not asked for, however small its own limit is missed.
            ([0.03, 0.03, 0.9], 0.05, [False, False, False]),
            ([0.05], 0.05, [True]), ([0.051], 0.05, [False]), ([1.0, 1.0], 0.05, [False, False]), ([], 0.05, []))
        for p_values, alpha, expected in cases:
            self.assertEqual(inference.holm(p_values, alpha), expected, p_values)


class ShareTest(unittest.TestCase):
    def test_published_values(self):
        for successes, trials, low, high in ((0, 1000, 0.0, 0.003682), (10, 1000, 0.004806, 0.018313),
                                             (5, 20, 0.086571, 0.491046), (20, 20, 0.831567, 1.0), (0, 1, 0.0, 0.975),
                                             (1, 1, 0.025, 1.0)):
            found = inference.exact_share(successes, trials)
            self.assertAlmostEqual(found[0], low, places=6, msg=(successes, trials))
            self.assertAlmostEqual(found[1], high, places=6, msg=(successes, trials))

    def test_nothing_was_tried(self):
        self.assertEqual(inference.exact_share(0, 0), (0.0, 1.0))

    def test_mirrored(self):
        low, high = inference.exact_share(3, 40)
        for found, expected in zip(inference.exact_share(37, 40), (1 - high, 1 - low)):
            self.assertAlmostEqual(found, expected, places=9)


if __name__ == "__main__":
    unittest.main()
