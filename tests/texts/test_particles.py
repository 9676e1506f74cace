import pytest

from ovd.texts.particles import settle_particles


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("“사람”은(는) 이미 있습니다", "“사람”은 이미 있습니다"),
        ("“자동차”은(는) “버스”와(과) 같습니다", "“자동차”는 “버스”와 같습니다"),
        ("“트럭”(으)로 읽었습니다", "“트럭”으로 읽었습니다"),
        ("“신호등”(으)로, “신발”(으)로, “개”(으)로", "“신호등”으로, “신발”로, “개”로"),
        ("보고서 7을(를) 보냈습니다", "보고서 7을 보냈습니다"),
        ("“person”을(를) 찾으셨나요?", "“person”을 찾으셨나요?"),
        ("“bicycle”(으)로", "“bicycle”로"),
        ("“cat”은(는)", "“cat”은(는)"),
        ("파일(들)이 있습니다", "파일(들)이 있습니다"),
    ],
)
def test_particle_fits_the_word_before_it(text: str, settled: str):
    assert settle_particles(text) == settled
