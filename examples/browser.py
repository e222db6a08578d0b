"""A browser tab on a Streamlit page, as far as the server can tell: it speaks the page's own WebSocket protocol."""

import asyncio
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect


class Browser:
    """`async with Browser("127.0.0.1:8501") as tab:` opens a session and leaves it.

    `texts` holds what the latest run showed, `errors` its exceptions; `runs` is how many runs there were. Raises
    TimeoutError where a run takes longer than `timeout` seconds, and LookupError for a widget that the page does not
    show.
    """

    def __init__(self, address: str, page: str = "", timeout: float = 20) -> None:
        self._url = f"ws://{address}/_stcore/stream"
        self._page = page
        self._timeout = timeout
        self._socket: ClientConnection | None = None
        self._widgets: dict[str, tuple[str, str]] = {}
        self._values: dict[str, WidgetState] = {}
        self.session = ""
        self.runs = 0
        self.texts: list[str] = []
        self.errors: list[str] = []

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Connect, to the earlier session where there was one, and run the page."""
        # Position tells Streamlit what a subprotocol means: its name, the XSRF token, the session to resume.
        protocols: list[Any] = ["streamlit", "no-token", self.session] if self.session else ["streamlit"]
        self._socket = await connect(self._url, subprotocols=protocols, max_size=None, proxy=None)
        await self.rerun()

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def rerun(self, *triggers: WidgetState, fragment: str = "") -> None:
        """Run the page with the present values of its widgets and these triggers, until it has finished."""
        if not fragment:
            self._widgets = {}
        self.runs += 1
        message = BackMsg()
        message.rerun_script.page_name = self._page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend([*self._values.values(), *triggers])
        assert self._socket is not None  # noqa: S101 - tells mypy what open() promises
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(self._timeout):
            await self._read_run(self._socket)

    async def go(self, page: str) -> None:
        """Open another page of the application, by its path; "" is the main page."""
        self._page = page
        await self.rerun()

    async def click(self, label: str) -> None:
        widget, fragment = self._widget(label)
        await self.rerun(WidgetState(id=widget, trigger_value=True), fragment=fragment)

    async def say(self, text: str) -> None:
        """Send a text through the page's st.chat_input."""
        widget, fragment = self._widget("chat_input")
        trigger = WidgetState(id=widget)
        trigger.chat_input_value.data = text
        await self.rerun(trigger, fragment=fragment)

    def fill(self, label: str, text: str) -> None:
        """Write into a text input; the next run takes it along."""
        name, _ = self._widget(label)
        self._values[name] = WidgetState(id=name, string_value=text)

    def shows(self, label: str) -> bool:
        return label in self._widgets

    def _widget(self, label: str) -> tuple[str, str]:
        if label not in self._widgets:
            raise LookupError(
                f"The page shows no widget {label!r}, only {sorted(self._widgets)}; errors: {self.errors}"
            )
        return self._widgets[label]

    async def _read_run(self, socket: ClientConnection) -> None:
        while True:
            message = ForwardMsg.FromString(await socket.recv(decode=False))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._begin(message)
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._element(message.delta.new_element, message.delta.fragment_id)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def _begin(self, message: ForwardMsg) -> None:
        self.session = message.new_session.initialize.session_id
        self.texts, self.errors = [], []

    def _element(self, element: Any, fragment: str) -> None:
        match element.WhichOneof("type"):
            case "markdown":
                self.texts.append(element.markdown.body)
            case "exception":
                self.errors.append(element.exception.type)
            case "chat_input":
                self._widgets["chat_input"] = (element.chat_input.id, fragment)
            case "button" | "text_input" | "checkbox" as kind:
                widget = getattr(element, kind)
                self._widgets[widget.label] = (widget.id, fragment)
