"""单位缴费证明."""

from reporting.documents.employer_certificate import content
from reporting.documents.employer_certificate.content import Facts, Line
from reporting.reports.kinds import KINDS
from reporting.reports.tasks import IssuedDocument, Made, Task


async def make(task: Task) -> Made:
    """For the unit."""
    first, last = task.form.from_month, task.form.to_month
    assert first is not None and last is not None  # noqa: S101, PT018 - the rules have seen to it
    unit = await task.reader.unit()
    sums = await task.reader.sums(first, last, None)
    await task.step()
    facts = Facts(
        employer_no=unit.employer_no,
        employer_name=unit.name,
        uscc=unit.uscc,
        lines=[
            Line(
                one.month,
                one.insurance_name,
                one.people,
                one.base,
                one.employer_amount,
                one.own_amount,
                one.amount_total,
                one.received,
                one.received_on,
            )
            for one in sums
        ],
        from_month=first,
        to_month=last,
        as_of=task.as_of,
    )
    (issue,) = await task.issues(1)
    rendered = await task.resources.renderers.render("employer_certificate", content.compose(facts, issue))
    await task.step()
    pdf = await task.resources.signer.sign(rendered.pdf)
    label = f"{KINDS[task.form.kind].title}（{first.compact()}-{last.compact()}）"
    issued = [IssuedDocument(issue, content.TITLE, content.verified_facts(facts))]
    return Made(pdf, label, "pdf", issued, rendered.pages, len(sums), rendered.milliseconds)
