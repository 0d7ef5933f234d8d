import pytest

from data.text.secrecy import secret


@pytest.mark.parametrize(
    "text",
    [
        "Mật: 5k xong", "MẬT 5k xong 100%", "5k xong (Mật)", "Tối mật. việc 5k", "TUYỆT MẬT",
        "tuyet mat 5k xong", "văn bản mật số 12", "5k xong, độ mật: tối mật", "(MAT) 5k xong",
        "MAT: 5k", "TOI MAT 5k", "M\u200bật 5k xong", "dau mat 5k", "Ma\u0302\u0323t: 5k",
        "5k xong theo công văn mật", "đóng dấu mật", "[tuyệt mật]", "mật\n5k xong",
    ],
)  # fmt: skip
def test_a_marking_is_seen(text: str) -> None:
    assert secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "bảo mật 5k xong", "mật độ xây dựng 60%", "đổi mật khẩu", "mat khau 5k", "mất 5 ngày",
        "mặt trận tổ quốc", "thanh toán không dùng tiền mặt", "bí mật kinh doanh",
        "thanh toan khong dung tien mat 60%", "tôi mất 3 ngày", "toi mat 3 ngay", "mắt xích",
        "Mặt trận: xong", "mat tran xong", "Tổ hội mật ong", "bảo vệ bí mật nhà nước",
        "MAT TRAN TO QUOC xong", "mất mát", "khách hàng thân mật", "mật vụ", "",
    ],
)  # fmt: skip
def test_a_compound_is_no_marking(text: str) -> None:
    assert not secret(text)
