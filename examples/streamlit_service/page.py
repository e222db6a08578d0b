"""A coach to talk to."""

import time

import httpx2
import streamlit as st

from ai_monitoring.web.streamlit import track_coaching_session
from examples.settings import DATA, USERS
from examples.streamlit_service import services

st.set_page_config(page_title="Coach", page_icon=":material/directions_run:")
state = st.session_state


def log_in() -> None:
    st.title(":material/directions_run: Coach")
    st.caption(f"A demo under watch. Log in as {', '.join(USERS)}; the passwords are in `{DATA / 'secrets.json'}`.")
    with st.form("login"):
        name = st.text_input("Name")
        password = st.text_input("Password", type="password")
        if st.form_submit_button("Log in"):
            token = services.log_in(name, password)
            if token is None:
                st.error("Name and password do not belong together.")
            else:
                state.update(token=token, profile=services.profile(token), history=[], began=time.time(), number=1)
                st.rerun()


def chat() -> None:
    st.title("Talk to your coach")
    if not state.history:
        state.history.append(("assistant", f"Hello {state.profile['name'].title()}, what is on your mind?"))
    for role, text in state.history:
        st.chat_message(role).write(text)
    if question := st.chat_input("Sleep, food, shoes, pain, race …"):
        st.chat_message("user").write(question)
        try:
            answer = services.answer(state.token, question)
        except httpx2.HTTPStatusError as error:
            answer = f"I cannot answer just now ({error.response.status_code}). Ask me again in a moment."
        st.chat_message("assistant").write(answer)
        state.history += [("user", question), ("assistant", answer)]
    if st.button("Finish this session", icon=":material/flag:"):
        track_coaching_session("chat", time.time() - state.began, key=str(state.number))
        state.update(history=[], began=time.time(), number=state.number + 1)
        st.rerun()


def plan() -> None:
    st.title("Your plan")
    profile = state.profile
    st.write(f"For a **{profile['goal']}**, with {profile['weekly_hours']:g} hours a week.")
    if st.button("Make a plan", type="primary", icon=":material/calendar_month:"):
        state.plan = services.new_plan(state.token, profile["id"])
        track_coaching_session("plan", time.time() - state.began)
    if "plan" in state:
        if state.plan["basic"]:
            st.warning("The planner took too long. This is the basic plan.")
        st.write(state.plan.get("text", ""))
        st.bar_chart(state.plan["weeks"], x="week", y="hours", color="focus")
        st.dataframe(state.plan["weeks"], hide_index=True)


def advice() -> None:
    st.title("A word with your coach")
    message = st.text_input("How did it go?")
    if st.button("Ask for advice", type="primary", icon=":material/support_agent:") and message:
        try:
            st.write_stream(services.coach(state.token, message))
        except httpx2.HTTPStatusError as error:
            st.error(f"Your coach is not available ({error.response.status_code}).")


def breathe() -> None:
    st.title("Breathe")
    st.write("A page that takes its time: each breath comes over a stream from the FastAPI service.")
    if st.button("Three breaths", icon=":material/air:"):
        st.write_stream(services.breathe(3, 0.2))
    if st.button("Take your time", icon=":material/self_improvement:"):
        st.write_stream(services.breathe(4, 0.9))


def trouble() -> None:
    st.title("Trouble")
    st.write("Buttons that fail, to see what the watch makes of it.")
    if st.button("Raise an error", icon=":material/bug_report:"):
        raise RuntimeError("This page fails on purpose")
    if st.button("Call a service that fails", icon=":material/link_off:"):
        try:
            services.django.post("/api/broken/", headers={"Authorization": f"Bearer {state.token}"}).raise_for_status()
        except httpx2.HTTPStatusError as error:
            st.error(f"Django answered {error.response.status_code}.")


def pages() -> None:
    with st.sidebar:
        st.write(f"Logged in as **{state.profile['name']}**")
        if st.button("Log out", icon=":material/logout:"):
            state.clear()
            st.rerun()
    st.navigation(
        [
            st.Page(chat, title="Coach", icon=":material/forum:", default=True),
            st.Page(plan, title="Plan", icon=":material/calendar_month:"),
            st.Page(advice, title="Advice", icon=":material/support_agent:"),
            st.Page(breathe, title="Breathe", icon=":material/air:"),
            st.Page(trouble, title="Trouble", icon=":material/bug_report:"),
        ]
    ).run()


try:
    if "token" in state:
        pages()
    else:
        log_in()
except httpx2.TransportError:
    st.error("A service that this page needs does not answer. Try again in a moment.")
