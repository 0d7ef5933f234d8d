"""Hassil with Home Assistant's Vietnamese sentences, as Home Assistant asks it.

What a house has is made up: six rooms, two floors, a dozen things in them.
"""

from collections.abc import Callable

from hassil import Intents, recognize_best
from hassil.intents import SlotList, TextSlotList
from home_assistant_intents import get_intents

_ROOMS = ("phòng khách", "phòng ngủ", "nhà bếp", "phòng tắm", "sân vườn", "phòng làm việc")
_FLOORS = ("tầng một", "tầng hai")
_THINGS = {
    "đèn trần": "light", "đèn bàn": "light", "đèn ngủ": "light", "quạt trần": "fan",
    "quạt cây": "fan", "máy lạnh": "climate", "rèm cửa": "cover", "cửa ga ra": "cover",
    "ti vi": "media_player", "cửa chính": "lock", "máy bơm": "switch", "ổ cắm": "switch",
}  # fmt: skip
SENTENCES = (
    "bật đèn phòng khách", "tắt đèn phòng ngủ", "bật quạt trần", "tắt tất cả đèn",
    "nhiệt độ phòng khách là bao nhiêu", "mấy giờ rồi", "hôm nay là ngày mấy", "mở rèm cửa",
    "đóng cửa ga ra", "thời tiết hôm nay thế nào", "đặt hẹn giờ 5 phút", "hủy hẹn giờ",
    "đổi màu đèn phòng ngủ sang đỏ", "thêm sữa vào danh sách mua sắm", "khóa cửa chính",
    "đèn bàn có bật không", "phòng ngủ nóng không", "có cửa nào đang mở không",
    "đặt nhiệt độ phòng khách thành 25 độ", "bật máy bơm", "tạm dừng ti vi", "tắt quạt cây",
    "bật đèn ở nhà bếp", "tắt ổ cắm",
)  # fmt: skip


def recogniser() -> Callable[[str], bool]:
    """Whether hassil knows what a sentence wants; built once, as a house would."""
    intents = Intents.from_dict(get_intents("vi"))
    lists: dict[str, SlotList] = {
        "area": TextSlotList.from_strings(_ROOMS, name="area"),
        "floor": TextSlotList.from_strings(_FLOORS, name="floor"),
        "name": TextSlotList.from_tuples(
            ((name, name, {"domain": domain}) for name, domain in _THINGS.items()), name="name"
        ),
    }

    def known(sentence: str) -> bool:
        found = recognize_best(
            sentence, intents, slot_lists=lists, language="vi", best_slot_name="name"
        )
        return found is not None

    return known
